package io.cachingproxy.store.redis.channel;

import io.cachingproxy.store.redis.link.Node;
import io.cachingproxy.store.redis.link.Operation;
import io.cachingproxy.store.redis.link.RedisLog;
import io.cachingproxy.store.redis.link.Script;
import io.cachingproxy.store.redis.near.NearCache;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Polls Redis several times a second for changes that this node may have missed: it connects, detects outages and their
 * end, sends a heartbeat over the channel of changes if that is silent, and repeats pending invalidations and purges.
 */
public final class Pulse {
    private static final Duration PERIOD = Duration.ofMillis(400);
    private static final Duration TICK = Duration.ofMillis(100);

    /** The longest silence of the channel: two heartbeats and a half of one for the transmission. */
    public static final Duration SILENCE = PERIOD.multipliedBy(5).dividedBy(2);

    private static final Duration CONNECTING = Duration.ofSeconds(2);

    private final Node node;
    private final Control control;
    private final NearCache near;
    private final BooleanSupplier urgent;
    private final Upkeep upkeep;
    private final RedisClock clock;
    private final ScheduledExecutorService background;
    private final byte[] heartbeat;
    private final AtomicBoolean beating = new AtomicBoolean();
    private volatile long beganAt = System.nanoTime();
    private volatile boolean doubtful = true;
    private volatile boolean connected;

    /**
     * Creates a pulse that is not started.
     *
     * @param urgent whether requests wait for another node, which makes the pulse faster
     */
    public Pulse(
            Node node,
            Control control,
            NearCache near,
            BooleanSupplier urgent,
            Upkeep upkeep,
            RedisClock clock,
            ScheduledExecutorService background) {
        this.node = node;
        this.control = control;
        this.near = near;
        this.urgent = urgent;
        this.upkeep = upkeep;
        this.clock = clock;
        this.background = background;
        this.heartbeat = new Change.Heartbeat(node.id()).bytes();
    }

    public void start() {
        background.scheduleWithFixedDelay(this::beatIfDue, 0, TICK.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Faster while Redis is unreachable, the last answer was late, or requests wait for another node. */
    private void beatIfDue() {
        boolean soon = !node.link().isOpen() || doubtful || urgent.getAsBoolean();
        if (soon || System.nanoTime() - beganAt >= PERIOD.minus(TICK).toNanos()) {
            try {
                beat();
            } catch (RuntimeException e) { // an exception would end the schedule
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
        long sent = beganAt;
        Supplier<CompletionStage<byte[]>> pulse = () -> control.bytes(Script.PULSE, message);
        node.link().probe(Operation.PULSE, patience, pulse).whenComplete((answer, failure) -> {
            long now = System.nanoTime();
            doubtful = failure != null || now - sent > node.deadline().toNanos();
            beating.set(false);
            if (failure == null) {
                connected = true;
                Stamps.Last last = Stamps.Last.parse(answer);
                clock.answered(sent, now, last.now());
                upkeep.answered(last, this::beatSoon, twice);
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
