package io.cachingproxy.net;

import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/**
 * A selection key that leaves the selector interested in reading when Jetty is not any more. Between a request and its
 * response nothing is read from a client, which mostly sends nothing then: to tell the kernel so, and the contrary after the
 * response, takes two system calls for each request. What comes all the same is seen once, and only then the kernel is told.
 *
 * <p>Used by the selector's thread only.
 */
final class StickyKey extends SelectionKey {
    private final SelectionKey key;
    private int wanted;

    /**
     * A view of {@code key}.
     *
     * @param wanted the interest that Jetty has
     */
    StickyKey(SelectionKey key, int wanted) {
        this.key = key;
        this.wanted = wanted;
    }

    int wanted() {
        return wanted;
    }

    /** Whether it was selected for nothing that is wanted; then the kernel is told. */
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
