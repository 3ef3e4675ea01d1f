package io.cachingproxy.origin;

import io.cachingproxy.net.GatheringEndPoint;
import io.cachingproxy.net.Sockets;
import java.net.InetAddress;
import java.net.URI;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ThreadLocalRandom;
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
 * A pool of HTTP/1.1 connections to one origin.
 *
 * <h2>Threads</h2>
 *
 * Connections use the selectors of the listener. A request is sent on a connection of the client connection's selector,
 * so that one thread handles a plain miss completely: it reads the request, makes the decision, writes to the origin,
 * reads the response, and writes the response to the client and to the store. None of these steps blocks. Steps that may
 * block run on other threads: DNS resolution and TLS handshakes.
 *
 * <pre>
 *   client readable ─▶ decision ─▶ idle connection of this selector ─▶ one write of the head and available content
 *                                     │ none
 *                                     ├─▶ idle connection of another selector, borrowed for this request
 *                                     └─▶ new connection of this selector ({@link OriginConnector})
 *   origin readable ─▶ {@link ResponseReader} ─▶ Exchange.onHead, onBody…, onComplete ─▶ client
 * </pre>
 *
 * <h2>Connections</h2>
 *
 * Idle connections are reused in last-in, first-out order, so that surplus connections reach the idle timeout. In place
 * of each {@link #OWN_EVERY}th borrowing from another selector, a new connection is opened: a busy selector gets enough
 * connections, and an idle selector opens none. The number of connections is bounded by the number of concurrent
 * requests, which {@link ConcurrencyLimiter} counts, and by {@link OriginLimits#requests()}. The host name of the origin
 * is resolved for each new connection, and its addresses are tried in order; a pool for one address uses only this one.
 *
 * <h2>Failed requests</h2>
 *
 * An idle connection that has become readable is closed, and the request is sent on another connection. A repeatable
 * request is retried once, on a new connection, if its connection broke before any byte of a response.
 */
final class OriginPool extends ContainerLifeCycle implements Transport {
    /** Number of borrowings from other selectors after which a selector opens its own connection. */
    static final int OWN_EVERY = 16;

    private static final long SWEEP_MILLIS = 1000;

    private final URI origin;
    private final SslContextFactory.@Nullable Client tls;
    private final String host;
    private final OriginTimeouts timeouts;
    private final OriginLimits limits;
    private final Supplier<SelectorManager> selectors;
    private final ByteBufferPool buffers;
    private final OriginConnector connector;
    private final RequestTimers timers;
    private final Map<ManagedSelector, Deque<Http1Connection>> idle = new ConcurrentHashMap<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger takenOver = new AtomicInteger();
    private final AtomicInteger turn = new AtomicInteger();
    private final AtomicBoolean sweeping = new AtomicBoolean();
    private volatile boolean retired;

    /**
     * A pool without connections.
     *
     * @param tls null for an http origin
     * @param selectors the selectors of the listener, available once the listener is started
     */
    OriginPool(
            URI origin,
            OriginTimeouts timeouts,
            OriginLimits limits,
            SslContextFactory.@Nullable Client tls,
            Supplier<SelectorManager> selectors,
            ByteBufferPool buffers) {
        this(origin, null, timeouts, limits, tls, selectors, buffers);
        if (tls != null) {
            addBean(tls);
        }
    }

    /** @param address the only address; null: those of the host name */
    private OriginPool(
            URI origin,
            @Nullable InetAddress address,
            OriginTimeouts timeouts,
            OriginLimits limits,
            SslContextFactory.@Nullable Client tls,
            Supplier<SelectorManager> selectors,
            ByteBufferPool buffers) {
        this.origin = origin;
        this.tls = tls;
        this.host = host(origin);
        this.timeouts = timeouts;
        this.limits = limits;
        this.selectors = selectors;
        this.buffers = buffers;
        this.timers = new RequestTimers(this::scheduler, timeouts);
        this.connector = new OriginConnector(this, origin, address, tls);
    }

    @Override
    public Transport at(InetAddress address) {
        return new OriginPool(origin, address, timeouts, limits, tls, selectors, buffers);
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

    /** Retries a request on a new connection, which the origin cannot have closed as idle. */
    void repeat(Fetch fetch) {
        Http1Call call = call(fetch, false);
        if (call != null) {
            connector.connect(call, selector(fetch.client()));
        }
    }

    private @Nullable Http1Call call(Fetch fetch, boolean mayRepeat) {
        RequestTimer timer = timers.begin(fetch.attempt());
        try {
            Http1Call call = new Http1Call(this, fetch, timer, mayRepeat);
            call.prepare();
            return call;
        } catch (RuntimeException unsendable) {
            timer.end();
            fetch.unsendable(unsendable);
            return null;
        }
    }

    /** The host of the origin, with the port unless that is the default port of the scheme. */
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
        if (client != null && Sockets.of(client) instanceof GatheringEndPoint gathering) {
            return gathering.selector();
        }
        ManagedSelector[] all = selectors.get().getBeans(ManagedSelector.class).toArray(ManagedSelector[]::new);
        return all[Math.floorMod(turn.getAndIncrement(), all.length)];
    }

    /** An idle connection, preferably of this selector; null to open a new one. */
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

    /** Returns an idle connection to the pool. */
    void keep(Http1Connection connection) {
        if (!isRunning() || retired) {
            connection.close();
            return;
        }
        idle.computeIfAbsent(connection.selector(), selector -> new ConcurrentLinkedDeque<>())
                .addFirst(connection);
        if (retired) { // meanwhile
            closeIdle();
        }
        if (connection.isClosed()) { // meanwhile, by a thread that did not find the connection in the pool
            withdraw(connection);
        }
        sweepLater();
    }

    /** Removes an idle connection from the pool. */
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

    /** Time after which a connection that is opened now is not kept ({@link System#nanoTime}); null: none. */
    @Nullable
    Long endOfConnection() {
        return limits.maxLifetime()
                .map(most -> System.nanoTime()
                        + most.toNanos()
                        - ThreadLocalRandom.current().nextLong(most.toNanos() / 10 + 1))
                .orElse(null);
    }

    /** Number of open connections. */
    int connections() {
        return connections.get();
    }

    /** Number of idle connections. */
    int idle() {
        return idle.values().stream().mapToInt(Deque::size).sum();
    }

    private void sweepLater() {
        if (!sweeping.get() && sweeping.compareAndSet(false, true)) {
            scheduler().schedule(this::sweep, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Closes idle connections that have reached the idle timeout or their maximum lifetime. */
    private void sweep() {
        sweeping.set(false);
        long before = System.nanoTime() - timeouts.idle().toNanos();
        boolean more = false;
        for (Deque<Http1Connection> each : idle.values()) {
            each.removeIf(connection -> connection.expire(before));
            more |= !each.isEmpty();
        }
        if (more && isRunning()) {
            sweepLater();
        }
    }

    @Override
    public void retire() {
        retired = true;
        closeIdle();
    }

    @Override
    public void resume() {
        retired = false;
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        closeIdle();
    }

    private void closeIdle() {
        for (Deque<Http1Connection> each : idle.values()) {
            for (Http1Connection connection = each.pollFirst(); connection != null; connection = each.pollFirst()) {
                connection.close();
            }
        }
    }

    /** Whether the selectors are running, so that a new connection can be established. */
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
