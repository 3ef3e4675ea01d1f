package io.cachingproxy.net;

import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/**
 * A selection key that keeps the read interest in the kernel after Jetty has withdrawn it. Between a request and its
 * response Jetty does not read from a client, and clients rarely send anything; removing and restoring the read
 * interest would take two system calls for each request. If input arrives nevertheless, the key is selected once, and
 * only then the kernel's interest is updated.
 *
 * <p>Not thread-safe: used by the selector's thread only.
 */
final class StickyKey extends SelectionKey {
    private final SelectionKey key;
    private int wanted;

    /**
     * A view of {@code key}.
     *
     * @param wanted Jetty's current interest
     */
    StickyKey(SelectionKey key, int wanted) {
        this.key = key;
        this.wanted = wanted;
    }

    int wanted() {
        return wanted;
    }

    /** Whether the key was selected only for unwanted operations; if so, updates the kernel's interest. */
    boolean isUnwanted() {
        int ready = key.readyOps();
        if ((ready & ~wanted) != 0) {
            key.interestOps(wanted);
        }
        return (ready & wanted) == 0;
    }

    @Override
    public SelectionKey interestOps(int ops) {
        wanted = ops;
        int known = key.interestOps();
        if (known != ops && known != (ops | OP_READ)) {
            key.interestOps(ops);
        }
        return this;
    }

    @Override
    public int interestOps() {
        return key.interestOps();
    }

    @Override
    public int readyOps() {
        return key.readyOps() & wanted;
    }

    @Override
    public SelectableChannel channel() {
        return key.channel();
    }

    @Override
    public Selector selector() {
        return key.selector();
    }

    @Override
    public boolean isValid() {
        return key.isValid();
    }

    @Override
    public void cancel() {
        key.cancel();
    }
}
