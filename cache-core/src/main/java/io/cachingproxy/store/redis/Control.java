package io.cachingproxy.store.redis;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/**
 * The control hash, which control.lua describes. With each step Redis learns the latest stamp that this node knows: a
 * hash that lacks it has lost writes, and then everything stored so far counts as removed.
 */
final class Control {
    private final RedisLink link;
    private final KeyNames names;
    private final Stamps stamps;
    private final byte[] cleared;

    Control(RedisLink link, KeyNames names, Stamps stamps, String node) {
        this.link = link;
        this.names = names;
        this.stamps = stamps;
        this.cleared = new Change.Cleared(node, 0).bytes();
    }

    /** Runs a script that returns bytes. */
    CompletionStage<byte[]> bytes(Script script, Object... arguments) {
        return link.bytes(script, keys(), all(arguments));
    }

    /** Runs a script that returns several. */
    CompletionStage<List<byte[]>> list(Script script, Object... arguments) {
        return link.list(script, keys(), all(arguments));
    }

    private List<Object> keys() {
        return List.of(names.control());
    }

    private Object[] all(Object... arguments) {
        Stream<Object> common = Stream.of(stamps.given(), Retention.MAX.toMillis(), names.changes(), cleared);
        return Stream.concat(common, Stream.of(arguments)).toArray();
    }
}
