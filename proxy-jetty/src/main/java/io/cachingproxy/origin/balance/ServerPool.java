package io.cachingproxy.origin.balance;

import io.cachingproxy.http.RequestHead;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The servers of an origin. Selects the server of each request by {@link Balance} and server health.
 *
 * <pre>
 *   available:  not draining, not down by health checks, not ejected
 *   choice:     available servers ─ none ─▶ available backups ─ none ─▶ the ejected server that returns first ─ none ─▶ nothing
 *   retry:      the same without servers already tried; of the others, those with the fewest consecutive failures
 * </pre>
 *
 * <p>Thread-safe. No method does I/O, or blocks for longer than a pass over the servers.
 */
public final class ServerPool {
    private final OriginSettings settings;
    private final List<Member> members;
    private final RetryBudget budget;
    private final LongSupplier nanos;
    private final RandomGenerator random;
    private final Ejections ejections;
    /** Calls of {@link #ejections} that are due, outside the lock. */
    private final Queue<Runnable> news = new ConcurrentLinkedQueue<>();

    /** Listener for servers that are ejected, and that return. */
    public interface Ejections {
        /** Listens to nothing. */
        Ejections NONE = new Ejections() {};

        /**
         * A server is ejected.
         *
         * @param failures number of failures in a row
         * @param period time until it gets requests again
         */
        default void ejected(URI server, int failures, Duration period) {}

        /** The period of an ejected server is over. Called at the next request of the origin. */
        default void returned(URI server) {}
    }

    /** A pool without a listener. */
    public ServerPool(OriginSettings settings, LongSupplier nanos, RandomGenerator random) {
        this(settings, nanos, random, Ejections.NONE);
    }

    /**
     * A pool whose servers are all available.
     *
     * @param nanos a monotonic clock in nanoseconds, such as {@link System#nanoTime}
     * @param ejections is called by the thread of the request that finds out
     */
    public ServerPool(OriginSettings settings, LongSupplier nanos, RandomGenerator random, Ejections ejections) {
        this.settings = settings;
        this.ejections = ejections;
        this.nanos = nanos;
        this.random = random;
        this.budget = new RetryBudget(settings.retry().budgetPercent());
        List<Member> made = new ArrayList<>();
        for (OriginSettings.Server server : settings.servers()) {
            made.add(new Member(server, made.size(), () -> news.add(() -> ejections.returned(server.url()))));
        }
        this.members = List.copyOf(made);
    }

    /**
     * Takes over the health of servers with the same URL: draining, the results of health checks, ejection and slow start.
     * A server that is down by its health checks is available in a pool without checks.
     *
     * @param before the pool that this one replaces
     */
    public void continueFrom(ServerPool before) {
        Map<URI, Member> known = new HashMap<>();
        synchronized (before) {
            before.members.forEach(it -> known.put(it.server.url(), it.copy()));
        }
        synchronized (this) {
            for (Member member : members) {
                Member earlier = known.get(member.server.url());
                if (earlier != null) {
                    member.continueFrom(earlier, settings);
                }
            }
        }
    }

    public OriginSettings settings() {
        return settings;
    }

    /**
     * A snapshot of the state of a server.
     *
     * @param down whether the active health checks mark the server as unavailable
     * @param ejected whether the server is ejected because its responses failed
     * @param underWay number of requests in flight to the server
     */
    public record State(URI url, boolean backup, boolean down, boolean ejected, boolean draining, int underWay) {}

    /** The states of all servers, in the order of the settings. */
    public synchronized List<State> states() {
        long now = nanos.getAsLong();
        return members.stream()
                .map(it -> new State(
                        it.server.url(), it.server.backup(), it.isDown(), it.isEjected(now), it.draining, it.underWay))
                .toList();
    }

    /**
     * Selects the server for the first attempt of a request.
     *
     * @param client the client's address; null if unknown
     * @return null if no server is available
     */
    public @Nullable Turn first(RequestHead request, @Nullable InetAddress client) {
        String value =
                settings.balance() instanceof Balance.Hash hash ? hash.on().of(request, client) : null;
        Turn turn;
        synchronized (this) {
            budget.request();
            long now = nanos.getAsLong();
            Member chosen = choose(available(now, List.of()), value, now);
            if (chosen == null) {
                chosen = leastBad(now);
            }
            turn = chosen == null ? null : new Turn(chosen, List.of(chosen));
        }
        tell();
        return turn;
    }

    private void tell() {
        for (Runnable next = news.poll(); next != null; next = news.poll()) {
            next.run();
        }
    }

    private List<Member> available(long now, List<Member> tried) {
        List<Member> servers = available(now, tried, false);
        return servers.isEmpty() ? available(now, tried, true) : servers;
    }

    private List<Member> available(long now, List<Member> tried, boolean backups) {
        List<Member> found = new ArrayList<>(members.size());
        for (Member member : members) {
            if (member.server.backup() == backups && member.isAvailable(now) && !tried.contains(member)) {
                found.add(member);
            }
        }
        return found;
    }

    private @Nullable Member leastBad(long now) {
        return members.stream()
                .filter(it -> !it.draining && !it.isDown() && it.isEjected(now))
                .min((one, other) -> Long.signum(one.ejectedUntil() - other.ejectedUntil()))
                .orElse(null);
    }

    private @Nullable Member choose(List<Member> from, @Nullable String value, long now) {
        if (from.size() <= 1) {
            return from.isEmpty() ? null : from.get(0);
        }
        if (settings.balance() instanceof Balance.RoundRobin) {
            return next(from, now);
        }
        if (settings.balance() instanceof Balance.LeastRequests) {
            Member one = any(from, now);
            Member other = any(from, now);
            return load(other, now) < load(one, now) ? other : one;
        }
        return value == null ? any(from, now) : hashed(from, value, now);
    }

    private double weight(Member member, long now) {
        return member.weight(now, settings.slowStart().toNanos());
    }

    /**
     * Smooth weighted round-robin: adds each server's weight to its current weight, selects the highest current weight,
     * and subtracts the total weight from that server.
     */
    private Member next(List<Member> from, long now) {
        Member most = from.get(0);
        double all = 0;
        for (Member member : from) {
            double weight = weight(member, now);
            member.owed += weight;
            all += weight;
            if (member.owed > most.owed) {
                most = member;
            }
        }
        most.owed -= all;
        return most;
    }

    private Member any(List<Member> from, long now) {
        double all = 0;
        for (Member member : from) {
            all += weight(member, now);
        }
        double left = random.nextDouble() * all;
        for (Member member : from) {
            left -= weight(member, now);
            if (left < 0) {
                return member;
            }
        }
        return from.get(from.size() - 1);
    }

    private double load(Member member, long now) {
        return member.underWay / weight(member, now);
    }

    /**
     * Weighted rendezvous hashing: selects the server with the highest score. A score does not depend on the other
     * servers.
     */
    private Member hashed(List<Member> from, String value, long now) {
        return from.stream()
                .max(Comparator.comparingDouble(it -> {
                    double point = Hashing.point(it.server.url().toString(), value);
                    return -weight(it, now) / Math.log(point);
                }))
                .orElseThrow();
    }

    /** Records a health check of the server at {@code index}; true if the availability of the server changed. */
    synchronized boolean checked(int index, OriginSettings.Check check, boolean passed) {
        return members.get(index).checked(passed, check, nanos.getAsLong());
    }

    /**
     * Starts or ends draining of the server at {@code index}. A draining server gets no new requests.
     *
     * @throws IndexOutOfBoundsException if there is no server at {@code index}
     */
    public synchronized void drain(int index, boolean draining) {
        Member member = members.get(index);
        if (member.draining && !draining) {
            member.returned(nanos.getAsLong());
        }
        member.draining = draining;
    }

    /**
     * One attempt of a request on a server. The caller calls {@link #succeeded} or {@link #failed} at most once, and
     * {@link #end} afterwards.
     */
    public final class Turn {
        private final Member member;
        private final List<Member> tried;
        private final AtomicBoolean ended = new AtomicBoolean();

        private Turn(Member member, List<Member> tried) {
            this.member = member;
            this.tried = tried;
            member.underWay++;
        }

        public OriginSettings.Server server() {
            return member.server;
        }

        /** The index of the server in the settings. */
        public int index() {
            return member.index;
        }

        /** Number of earlier attempts of the request. */
        public int retries() {
            return tried.size() - 1;
        }

        /** Reports a successful response; resets the count of consecutive failures. */
        public void succeeded() {
            synchronized (ServerPool.this) {
                member.failuresInARow = 0;
            }
        }

        /** Reports a failure: no connection, no response in time, or a server error. May eject the server. */
        public void failed() {
            synchronized (ServerPool.this) {
                member.failuresInARow++;
                long now = nanos.getAsLong();
                if (mayBeEjected(now)) {
                    int failures = member.failuresInARow;
                    Duration period = settings.eject().period();
                    member.eject(now + period.toNanos());
                    news.add(() -> ejections.ejected(member.server.url(), failures, period));
                }
            }
            tell();
        }

        private boolean mayBeEjected(long now) {
            OriginSettings.Eject eject = settings.eject();
            if (eject.failures() == 0 || member.failuresInARow < eject.failures() || member.isEjected(now)) {
                return false;
            }
            long out = members.stream().filter(it -> it.isEjected(now)).count() + 1;
            boolean isLast = members.stream().noneMatch(it -> it != member && it.isAvailable(now));
            return !isLast && out * 100 <= (long) eject.atMostPercent() * members.size();
        }

        /** Ends the attempt; further calls have no effect. */
        public void end() {
            if (ended.compareAndSet(false, true)) {
                synchronized (ServerPool.this) {
                    member.underWay--;
                }
            }
        }

        /**
         * Selects another server for a retry of the request; null if no other server is available, or the attempts or the
         * retry budget are spent.
         */
        public @Nullable Turn again() {
            synchronized (ServerPool.this) {
                if (retries() >= settings.retry().attempts()) {
                    return null;
                }
                long now = nanos.getAsLong();
                List<Member> others = available(now, tried);
                int least =
                        others.stream().mapToInt(it -> it.failuresInARow).min().orElse(0);
                Member chosen = choose(
                        others.stream().filter(it -> it.failuresInARow == least).toList(), null, now);
                if (chosen == null || !budget.take()) {
                    return null;
                }
                List<Member> more = new ArrayList<>(tried);
                more.add(chosen);
                return new Turn(chosen, more);
            }
        }
    }
}
