package io.cachingproxy.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/** A socket end point that writes with {@link SocketWrites} and selects with a {@link StickyKey}. */
public class GatheringEndPoint extends SocketChannelEndPoint {
    private final ManagedSelector selector;
    private final SocketWrites writes;
    private StickyKey key;

    public GatheringEndPoint(
            SocketChannel channel,
            ManagedSelector selector,
            SelectionKey key,
            Scheduler scheduler,
            SocketWrites writes) {
        this(channel, selector, new StickyKey(key, 0), scheduler, writes);
    }

    private GatheringEndPoint(
            SocketChannel channel, ManagedSelector selector, StickyKey key, Scheduler scheduler, SocketWrites writes) {
        super(channel, selector, key, scheduler);
        this.selector = selector;
        this.key = key;
        this.writes = writes;
    }

    @Override
    public @Nullable Runnable onSelected() {
        return key.isUnwanted() ? null : super.onSelected();
    }

    @Override
    public void replaceKey(SelectionKey newKey) {
        key = new StickyKey(newKey, key.wanted());
        super.replaceKey(key);
    }

    /** The selector of this socket. */
    public ManagedSelector selector() {
        return selector;
    }

    @Override
    public boolean flush(ByteBuffer... buffers) throws IOException {
        try {
            if (writes.write(getChannel(), buffers) > 0) {
                notIdle();
            }
        } catch (IOException gone) {
            throw new EofException(gone);
        }
        return BufferUtil.isEmpty(buffers);
    }
}
