package io.cachingproxy.store.redis.channel;

import io.cachingproxy.store.redis.link.Bounds;
import io.cachingproxy.store.redis.link.Node;
import io.cachingproxy.store.redis.link.Script;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/**
 * The control hash, described in control.lua. With each step Redis receives the latest stamp that this node knows: a
 * hash without that stamp has lost writes, and all responses stored before are then treated as removed.
 */
public final class Control {
    private final Node node;
    private final Stamps stamps;
    private final byte[] cleared;

    public Control(Node node, Stamps stamps) {
        this.node = node;
        this.stamps = stamps;
        this.cleared = new Change.Cleared(node.id(), 0).bytes();
    }

    /** Runs a script that returns bytes. */
    public CompletionStage<byte[]> bytes(Script script, Object... arguments) {
        return node.link().bytes(script, keys(), all(arguments));
    }

    /** Runs a script that returns several byte strings. */
    CompletionStage<List<byte[]>> list(Script script, Object... arguments) {
        return node.link().list(script, keys(), all(arguments));
    }

    private List<Object> keys() {
        return List.of(node.names().control());
    }

    private Object[] all(Object... arguments) {
        Stream<Object> common = Stream.of(
                stamps.given(), Bounds.RETENTION.toMillis(), node.names().changes(), cleared);
        return Stream.concat(common, Stream.of(arguments)).toArray();
    }
}
