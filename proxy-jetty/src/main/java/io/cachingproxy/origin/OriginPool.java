package io.cachingproxy.origin;

import io.cachingproxy.net.GatheringEndPoint;
import java.net.URI;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.util.component.ContainerLifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * The connections to one origin over HTTP/1.1.
 *
 * <h2>Threads</h2>
 *
 * Connections belong to the selectors of the listener. A request is sent on a connection of the selector that its client's
 * connection belongs to, so that one thread does all of a plain miss: it reads the request, decides, writes to the origin,
 * is woken by the response, reads it, and writes it to the client and into the store. Nothing on that way blocks. What might
 * is done by other threads: the resolution of names, and TLS handshakes.
 *
 * <pre>
 *   client readable ─▶ decision ─▶ idle connection of this selector ─▶ one write of the head, with content that is there
 *                                     │ none
 *                                     ├─▶ an idle one of another selector, which is taken over for this request
 *                                     └─▶ a new one, on this selector ({@link OriginConnector})
 *   origin readable ─▶ {@link ResponseReader} ─▶ Exchange.onHead, onBody…, onComplete ─▶ client
 * </pre>
 *
 * <h2>Connections</h2>
 *
 * The last one that became idle is taken first, so that those that are not needed time out. Each {@link #OWN_EVERY}th time
 * a request would have to take over a connection of another selector, a new one is opened instead: a selector that is busy gets
 * enough of its own, and one that is not opens none. The number of connections is bounded by that of requests at a time, which
 * {@link Admission} counts, and by {@link OriginLimits#requests()}. The name of the origin is resolved for each new
 * connection, and its addresses are tried in turn.
 *
 * <h2>Requests that fail</h2>
 *
 * An idle connection on which something is there is closed, and the request goes to another one. A request that may be
 * repeated is sent once more, on a new connection, if its own broke before any of a response came.
 */
final class OriginPool extends ContainerLifeCycle implements Transport {
    /** Every so many times a connection of a selector's own is opened instead of taking one over. */
    static final int OWN_EVERY = 16;

    private static final long SWEEP_MILLIS = 1000;

    private final URI origin;
    private final String host;
    private final OriginTimeouts timeouts;
    private final OriginLimits limits;
    private final Supplier<SelectorManager> selectors;
    private final ByteBufferPool buffers;
    private final OriginConnector connector;
    private final Waits waits;
    private final Map<ManagedSelector, Deque<Http1Connection>> idle = new ConcurrentHashMap<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger takenOver = new AtomicInteger();
    private final AtomicInteger turn = new AtomicInteger();
    private final AtomicBoolean sweeping = new AtomicBoolean();

    /**
     * A pool without connections.
     *
     * @param tls null for an http origin
     * @param selectors of the listener, once it is started
     */
    OriginPool(
            URI origin,
            OriginTimeouts timeouts,
            OriginLimits limits,
            SslContextFactory.@Nullable Client tls,
            Supplier<SelectorManager> selectors,
            ByteBufferPool buffers) {
        this.origin = origin;
        this.host = host(origin);
        this.timeouts = timeouts;
        this.limits = limits;
        this.selectors = selectors;
        this.buffers = buffers;
        this.waits = new Waits(this::scheduler, timeouts);
        this.connector = new OriginConnector(this, origin, tls);
        if (tls != null) {
            addBean(tls);
        }
    }

    @Override
    public void send(Fetch fetch) {
        Http1Call call = call(fetch, fetch.isRepeatable());
        if (call == null) {
            return;
        }
        ManagedSelector on = selector(fetch.client());
        Http1Connection connection = take(on);
        while (connection != null) {
            if (call.start(connection)) {
                return;
            }
            connection = take(on);
        }
        connector.connect(call, on);
    }

    /** Sends a request once more, on a connection that the origin cannot have given up yet. */
    void repeat(Fetch fetch) {
        Http1Call call = call(fetch, false);
        if (call != null) {
            connector.connect(call, selector(fetch.client()));
        }
    }

    private @Nullable Http1Call call(Fetch fetch, boolean mayRepeat) {
        Waiting waiting = waits.begin();
        try {
            Http1Call call = new Http1Call(this, fetch, waiting, mayRepeat);
            call.prepare();
            return call;
        } catch (RuntimeException unsendable) {
            waiting.over();
            fetch.unsendable(unsendable);
            return null;
        }
    }

    /** The host of the origin, with its port unless it is the usual one. */
    static String host(URI origin) {
        int port = port(origin);
        return port == usualPort(origin) ? origin.getHost() : origin.getHost() + ':' + port;
    }

    /** The port of the origin. */
    static int port(URI origin) {
        return origin.getPort() < 0 ? usualPort(origin) : origin.getPort();
    }

    private static int usualPort(URI origin) {
        return origin.getScheme().equalsIgnoreCase("https") ? 443 : 80;
    }

    /** The value of Host. */
    String host(Fetch fetch) {
        String other = fetch.host();
        return other == null ? host : other;
    }

    private ManagedSelector selector(@Nullable EndPoint client) {
        EndPoint socket = client;
        while (socket instanceof EndPoint.Wrapper wrapper) {
            socket = wrapper.unwrap();
        }
        if (socket instanceof GatheringEndPoint gathering) {
            return gathering.selector();
        }
        ManagedSelector[] all = selectors.get().getBeans(ManagedSelector.class).toArray(ManagedSelector[]::new);
        return all[Math.floorMod(turn.getAndIncrement(), all.length)];
    }

    /** An idle connection, of that selector if there is one. */
    private @Nullable Http1Connection take(ManagedSelector on) {
        Http1Connection own = take(idle.get(on));
        if (own != null) {
            return own;
        }
        boolean full = connections.get() >= limits.requests();
        for (Map.Entry<ManagedSelector, Deque<Http1Connection>> other : idle.entrySet()) {
            if (other.getKey() != on && !other.getValue().isEmpty()) {
                if (!full && takenOver.incrementAndGet() % OWN_EVERY == 0) {
                    return null;
                }
                Http1Connection taken = take(other.getValue());
                if (taken != null) {
                    return taken;
                }
            }
        }
        return null;
    }

    private static @Nullable Http1Connection take(@Nullable Deque<Http1Connection> from) {
        if (from == null) {
            return null;
        }
        Http1Connection connection = from.pollFirst();
        while (connection != null && !connection.take()) {
            connection = from.pollFirst();
        }
        return connection;
    }

    /** Takes a connection that has become idle. */
    void keep(Http1Connection connection) {
        if (!isRunning()) {
            connection.close();
            return;
        }
        idle.computeIfAbsent(connection.selector(), selector -> new ConcurrentLinkedDeque<>())
                .addFirst(connection);
        if (connection.isClosed()) { // meanwhile, by a thread that did not find it here
            withdraw(connection);
        }
        sweepLater();
    }

    /** Gives no idle connection out any more. */
    void withdraw(Http1Connection connection) {
        Deque<Http1Connection> among = idle.get(connection.selector());
        if (among != null) {
            among.remove(connection);
        }
    }

    void opened() {
        connections.incrementAndGet();
    }

    void closed(Http1Connection connection) {
        connections.decrementAndGet();
        withdraw(connection);
    }

    /** How many connections there are. */
    int connections() {
        return connections.get();
    }

    /** How many of them are idle. */
    int idle() {
        return idle.values().stream().mapToInt(Deque::size).sum();
    }

    private void sweepLater() {
        if (!sweeping.get() && sweeping.compareAndSet(false, true)) {
            scheduler().schedule(this::sweep, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Closes what has been idle for too long. */
    private void sweep() {
        sweeping.set(false);
        long before = System.nanoTime() - timeouts.idle().toNanos();
        boolean more = false;
        for (Deque<Http1Connection> each : idle.values()) {
            Iterator<Http1Connection> oldest = each.descendingIterator();
            while (oldest.hasNext() && oldest.next().expire(before)) {
                oldest.remove();
            }
            more |= !each.isEmpty();
        }
        if (more && isRunning()) {
            sweepLater();
        }
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        for (Deque<Http1Connection> each : idle.values()) {
            for (Http1Connection connection = each.pollFirst(); connection != null; connection = each.pollFirst()) {
                connection.close();
            }
        }
    }

    /** Whether a selector would notice that a connection stands. */
    boolean canConnect() {
        return isRunning() && selectors.get().isRunning();
    }

    OriginTimeouts timeouts() {
        return timeouts;
    }

    OriginLimits limits() {
        return limits;
    }

    ByteBufferPool buffers() {
        return buffers;
    }

    Scheduler scheduler() {
        return selectors.get().getScheduler();
    }

    void execute(Runnable task) {
        selectors.get().getExecutor().execute(task);
    }

    @Override
    public String toString() {
        return "OriginPool[" + origin + "]";
    }
}
