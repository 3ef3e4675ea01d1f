package io.cachingproxy.store.redis.channel;

import io.cachingproxy.store.RemoteStoreListener.Message;
import io.cachingproxy.store.redis.link.Node;
import io.cachingproxy.store.redis.link.RedisLink;
import io.cachingproxy.store.redis.near.NearCache;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.redisson.api.RFuture;
import org.redisson.api.RTopic;
import org.redisson.api.listener.StatusListener;
import org.redisson.client.codec.ByteArrayCodec;

/**
 * The channel of changes between nodes: listens to changes of other nodes, and drops the near copies that they
 * invalidate.
 */
public final class ChangeChannel {
    private final RTopic topic;
    private final NearCache near;
    private final KnownRemovals gone;
    private final Purges purges;
    private final Consumer<Change> others;
    private final Membership membership;
    private final RedisClock clock;
    private final RedisLink link;
    private final String node;
    private final Queue<Integer> listeners = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean subscribed = new AtomicBoolean();

    /**
     * Creates a channel without a subscription.
     *
     * @param others receives each change, including those of this node
     */
    public ChangeChannel(
            Node node,
            NearCache near,
            KnownRemovals gone,
            Purges purges,
            Membership membership,
            RedisClock clock,
            Consumer<Change> others) {
        this.topic = node.link().client().getTopic(node.names().changes(), ByteArrayCodec.INSTANCE);
        this.near = near;
        this.gone = gone;
        this.purges = purges;
        this.membership = membership;
        this.clock = clock;
        this.link = node.link();
        this.others = others;
        this.node = node.id();
    }

    /**
     * Subscribes, also across reconnections; to be repeated until it succeeds.
     *
     * @param listening run after each successful subscription
     */
    void subscribe(Runnable listening) {
        if (!subscribed.compareAndSet(false, true)) {
            return;
        }
        CompletableFuture<Void> both = CompletableFuture.allOf(
                listener(topic.addListenerAsync(new Interruptions(listening))),
                listener(topic.addListenerAsync(byte[].class, (channel, message) -> onMessage(message))));
        both.whenComplete((done, failure) -> {
            if (failure != null) {
                close();
                subscribed.set(false);
            }
        });
    }

    private CompletableFuture<Void> listener(RFuture<Integer> added) {
        return added.thenAccept(listeners::add).toCompletableFuture();
    }

    /** Unsubscribes. Other listeners on the same client are not affected. */
    public void close() {
        Integer[] mine = listeners.toArray(Integer[]::new);
        listeners.clear();
        if (mine.length > 0) {
            topic.removeListenerAsync(mine);
        }
    }

    private void onMessage(byte[] message) {
        near.heard();
        Change change = Change.parse(message);
        if (change != null) {
            others.accept(change);
            if (change instanceof Change.Purged purged) {
                purges.heard(purged.purge(), purged.stamp()); // including this node's own: they arrive in order here
            } else if (!change.node().equals(node)) {
                heed(change);
            }
            measure(change);
        }
    }

    /** Reports how long ago Redis assigned the time of a change by another node, or of a heartbeat. */
    private void measure(Change change) {
        if (change instanceof Change.Heartbeat heartbeat) {
            measure(Message.HEARTBEAT, heartbeat.time());
        } else if (!change.node().equals(node)) {
            measure(Message.CHANGE, stamp(change));
        }
    }

    private void measure(Message message, long micros) {
        if (micros > 0) {
            clock.since(micros, System.nanoTime()).ifPresent(lag -> link.received(message, lag));
        }
    }

    /** The stamp of a removal; 0 for other changes, which have none. */
    private static long stamp(Change change) {
        if (change instanceof Change.Removed removed) {
            return removed.stamp();
        }
        if (change instanceof Change.Cleared cleared) {
            return cleared.stamp();
        }
        return change instanceof Change.Purged purged ? purged.stamp() : 0;
    }

    private void heed(Change change) {
        if (change instanceof Change.Stored stored) {
            near.drop(stored.key());
        } else if (change instanceof Change.Removed removed) {
            gone.stamps().heard(removed.stamp());
            gone.removals().gone(removed.key());
        } else if (change instanceof Change.Cleared cleared) {
            gone.stamps().heardCleared(cleared.stamp());
            near.dropAll();
        } else if (change instanceof Change.Question) {
            membership.asked();
        }
    }

    /**
     * After a resubscription messages may have been missed: near copies are untrusted until the next message arrives.
     */
    private final class Interruptions implements StatusListener {
        private final Runnable listening;

        Interruptions(Runnable listening) {
            this.listening = listening;
        }

        @Override
        public void onSubscribe(String channel) {
            near.distrust();
            clock.reset(); // perhaps it is another server now
            purges.interrupted();
            listening.run();
        }

        @Override
        public void onUnsubscribe(String channel) {
            near.distrust();
        }
    }
}
