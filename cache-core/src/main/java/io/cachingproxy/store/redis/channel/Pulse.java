package io.cachingproxy.store.redis.channel;

import io.cachingproxy.store.redis.link.Node;
import io.cachingproxy.store.redis.link.RedisLog;
import io.cachingproxy.store.redis.link.Script;
import io.cachingproxy.store.redis.near.NearCache;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Asks Redis several times a second what this node may have missed: it connects, notices outages and their end, has a
 * heartbeat run through the channel of changes if that is silent, and makes good what Redis was not told.
 */
public final class Pulse {
    private static final Duration PERIOD = Duration.ofMillis(400);
    private static final Duration TICK = Duration.ofMillis(100);

    /** For how long nothing may be heard over the channel: two heartbeats, and a half for the way. */
    public static final Duration SILENCE = PERIOD.multipliedBy(5).dividedBy(2);

    private static final Duration CONNECTING = Duration.ofSeconds(2);

    private final Node node;
    private final Control control;
    private final NearCache near;
    private final BooleanSupplier urgent;
    private final Upkeep upkeep;
    private final ScheduledExecutorService background;
    private final byte[] heartbeat;
    private final AtomicBoolean beating = new AtomicBoolean();
    private volatile long beganAt = System.nanoTime();
    private volatile boolean doubtful = true;
    private volatile boolean connected;

    /**
     * A pulse that is yet to start.
     *
     * @param urgent whether requests wait for another node, so that it has to come more often
     */
    public Pulse(
            Node node,
            Control control,
            NearCache near,
            BooleanSupplier urgent,
            Upkeep upkeep,
            ScheduledExecutorService background) {
        this.node = node;
        this.control = control;
        this.near = near;
        this.urgent = urgent;
        this.upkeep = upkeep;
        this.background = background;
        this.heartbeat = new Change.Heartbeat(node.id()).bytes();
    }

    public void start() {
        background.scheduleWithFixedDelay(this::beatIfDue, 0, TICK.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** While Redis is not reachable, or the last answer was late, or requests wait for another node: more often. */
    private void beatIfDue() {
        boolean soon = !node.link().isOpen() || doubtful || urgent.getAsBoolean();
        if (soon || System.nanoTime() - beganAt >= PERIOD.minus(TICK).toNanos()) {
            try {
                beat();
            } catch (RuntimeException e) { // or it would never be run again
                beating.set(false);
                RedisLog.LOG.debug("A pulse failed", e);
            }
        }
    }

    private void beat() {
        if (!beating.compareAndSet(false, true)) {
            return;
        }
        beganAt = System.nanoTime();
        boolean silent = near.silence().compareTo(PERIOD.dividedBy(2)) > 0;
        byte[] message = silent ? heartbeat : new byte[0];
        Duration twice = node.deadline().multipliedBy(2);
        Duration patience = connected ? twice : CONNECTING;
        node.link().probeShards(twice);
        node.link().probe(patience, () -> control.bytes(Script.PULSE, message)).whenComplete((answer, failure) -> {
            doubtful = failure != null
                    || System.nanoTime() - beganAt > node.deadline().toNanos();
            beating.set(false);
            if (failure == null) {
                connected = true;
                upkeep.answered(Stamps.Last.parse(answer), this::beatSoon, twice);
            }
        });
    }

    private void beatSoon() {
        try {
            background.execute(this::beat);
        } catch (RejectedExecutionException closed) {
            near.distrust();
        }
    }
}
