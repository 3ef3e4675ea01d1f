package io.cachingproxy.store.redis;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Redis several times a second what this node may have missed: it connects, notices outages and their end, has a
 * heartbeat run through the channel of changes if that is silent, and makes good what Redis was not told.
 */
final class Pulse {
    private static final Logger LOG = LoggerFactory.getLogger(RedisStore.class);
    private static final Duration PERIOD = Duration.ofMillis(400);
    private static final Duration TICK = Duration.ofMillis(100);

    /** For how long nothing may be heard over the channel: two heartbeats, and a half for the way. */
    static final Duration SILENCE = PERIOD.multipliedBy(5).dividedBy(2);

    private static final Duration CONNECTING = Duration.ofSeconds(2);

    private final RedisLink link;
    private final Control control;
    private final Capacity capacity;
    private final NearCache near;
    private final Stamps stamps;
    private final ChangeChannel channel;
    private final Removals removals;
    private final Purges purges;
    private final RedisLeases leases;
    private final byte[] heartbeat;
    private final Duration deadline;
    private final ScheduledExecutorService background;
    private final AtomicBoolean beating = new AtomicBoolean();
    private volatile long beganAt = System.nanoTime();
    private volatile boolean doubtful = true;
    private volatile boolean connected;

    /** When the latest loss was that this node knows of; less than 0 before the first contact. */
    private long known = -1;

    Pulse(
            RedisLink link,
            Control control,
            Capacity capacity,
            NearCache near,
            Stamps stamps,
            ChangeChannel channel,
            Removals removals,
            Purges purges,
            RedisLeases leases,
            String node,
            Duration deadline,
            ScheduledExecutorService background) {
        this.link = link;
        this.control = control;
        this.capacity = capacity;
        this.near = near;
        this.stamps = stamps;
        this.channel = channel;
        this.removals = removals;
        this.purges = purges;
        this.leases = leases;
        this.heartbeat = new Change.Heartbeat(node).bytes();
        this.deadline = deadline;
        this.background = background;
    }

    void start() {
        background.scheduleWithFixedDelay(this::beatIfDue, 0, TICK.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** While Redis is not reachable, or the last answer was late, or requests wait for another node: more often. */
    private void beatIfDue() {
        boolean soon = !link.isOpen() || doubtful || leases.areAwaited();
        if (soon || System.nanoTime() - beganAt >= PERIOD.minus(TICK).toNanos()) {
            try {
                beat();
            } catch (RuntimeException e) { // or it would never be run again
                beating.set(false);
                LOG.debug("A pulse failed", e);
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
        Duration patience = connected ? deadline.multipliedBy(2) : CONNECTING;
        link.probeShards(deadline.multipliedBy(2));
        link.probe(patience, () -> control.bytes(Script.PULSE, message)).whenComplete((answer, failure) -> {
            doubtful = failure != null || System.nanoTime() - beganAt > deadline.toNanos();
            beating.set(false);
            if (failure == null) {
                connected = true;
                answered(Stamps.Last.parse(answer));
            }
        });
    }

    private void answered(Stamps.Last last) {
        channel.subscribe(this::beatSoon);
        if (stamps.heardCleared(last.cleared())) {
            near.dropAll();
        }
        say(last.lost());
        capacity.probe(deadline.multipliedBy(2));
        removals.settle();
        purges.settle();
        purges.catchUp(last.purged());
    }

    /** One line for each loss after the first contact. */
    private synchronized void say(long lost) {
        if (known >= 0 && lost > known) {
            LOG.warn("Redis has lost its list of purges (evicted, emptied, restored or failed over):"
                    + " everything stored before counts as removed");
        }
        known = Math.max(known, lost);
    }

    private void beatSoon() {
        try {
            background.execute(this::beat);
        } catch (RejectedExecutionException closed) {
            near.distrust();
        }
    }
}
