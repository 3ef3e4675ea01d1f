package io.cachingproxy.store.redis;

import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.redisson.api.RTopic;
import org.redisson.api.listener.StatusListener;
import org.redisson.client.codec.ByteArrayCodec;

/** What the nodes tell each other: listens to the others' changes, and drops the near copies that they make old. */
final class ChangeChannel {
    private final RTopic topic;
    private final NearCache near;
    private final Stamps stamps;
    private final String node = UUID.randomUUID().toString();
    private final AtomicBoolean subscribed = new AtomicBoolean();

    ChangeChannel(RedisLink link, KeyNames names, NearCache near, Stamps stamps) {
        this.topic = link.client().getTopic(names.changes(), ByteArrayCodec.INSTANCE);
        this.near = near;
        this.stamps = stamps;
    }

    /** The name of this node in the messages, unique to this store object. */
    String node() {
        return node;
    }

    /** Listens from now on, also over reconnections; to be called until it has succeeded. */
    void subscribe() {
        if (!subscribed.compareAndSet(false, true)) {
            return;
        }
        CompletableFuture<Integer> status =
                topic.addListenerAsync(new Interruptions()).toCompletableFuture();
        CompletableFuture<Integer> messages = topic.addListenerAsync(
                        byte[].class, (channel, message) -> onMessage(message))
                .toCompletableFuture();
        status.thenCombine(messages, Integer::sum).whenComplete((ids, failure) -> {
            if (failure != null) {
                topic.removeAllListenersAsync();
                subscribed.set(false);
            }
        });
    }

    void close() {
        if (subscribed.get()) {
            topic.removeAllListenersAsync();
        }
    }

    private void onMessage(byte[] message) {
        near.heard();
        Change change = Change.parse(message);
        if (change == null || change.node().equals(node)) {
            return;
        }
        if (change instanceof Change.Stored stored) {
            near.drop(stored.key());
        } else if (change instanceof Change.Removed removed) {
            stamps.heard(removed.stamp());
            near.drop(removed.key());
        } else if (change instanceof Change.Cleared cleared) {
            stamps.heardCleared(cleared.stamp());
            near.dropAll();
        }
    }

    /** Messages may have been missed before a resubscription, so nothing near is trusted until one is heard again. */
    private final class Interruptions implements StatusListener {
        @Override
        public void onSubscribe(String channel) {
            near.distrust();
        }

        @Override
        public void onUnsubscribe(String channel) {
            near.distrust();
        }
    }
}
