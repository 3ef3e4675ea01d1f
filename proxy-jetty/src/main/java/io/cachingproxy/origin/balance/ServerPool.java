package io.cachingproxy.origin.balance;

import io.cachingproxy.http.RequestHead;
import java.net.InetAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The servers of an origin: which of them gets a request, by {@link Balance} and by their health.
 *
 * <pre>
 *   available:  not draining, not down by its checks, not ejected
 *   choice:     available servers ─ none ─▶ available backups ─ none ─▶ the ejected server that returns first ─ none ─▶ nothing
 *   retry:      the same without servers that had the request already; among the rest those that failed least
 * </pre>
 *
 * <p>Thread-safe. No method blocks for longer than it takes to look at each server once.
 */
public final class ServerPool {
    private final OriginSettings settings;
    private final List<Member> members;
    private final RetryBudget budget;
    private final LongSupplier nanos;
    private final RandomGenerator random;

    /**
     * A pool of servers that are all available.
     *
     * @param nanos a clock as {@link System#nanoTime} is one
     */
    public ServerPool(OriginSettings settings, LongSupplier nanos, RandomGenerator random) {
        this.settings = settings;
        this.nanos = nanos;
        this.random = random;
        this.budget = new RetryBudget(settings.retry().budgetPercent());
        List<Member> made = new ArrayList<>();
        for (OriginSettings.Server server : settings.servers()) {
            made.add(new Member(server, made.size()));
        }
        this.members = List.copyOf(made);
    }

    public OriginSettings settings() {
        return settings;
    }

    /**
     * What is known of a server now.
     *
     * @param down whether its checks failed
     * @param ejected whether its responses failed
     * @param underWay how many requests it has
     */
    public record State(URI url, boolean backup, boolean down, boolean ejected, boolean draining, int underWay) {}

    /** All servers, in the order of the settings. */
    public synchronized List<State> states() {
        long now = nanos.getAsLong();
        return members.stream()
                .map(it -> new State(
                        it.server.url(), it.server.backup(), it.isDown(), it.isEjected(now), it.draining, it.underWay))
                .toList();
    }

    /**
     * Chooses the server that a request is sent to first.
     *
     * @param client the client's address, if it is known
     * @return null if no server is available
     */
    public @Nullable Turn first(RequestHead request, @Nullable InetAddress client) {
        String value =
                settings.balance() instanceof Balance.Hash hash ? hash.on().of(request, client) : null;
        synchronized (this) {
            budget.request();
            long now = nanos.getAsLong();
            Member chosen = choose(available(now, it -> true), value, now);
            if (chosen == null) {
                chosen = leastBad(now);
            }
            return chosen == null ? null : new Turn(chosen, List.of(chosen));
        }
    }

    private List<Member> available(long now, Predicate<Member> also) {
        List<Member> servers = members.stream()
                .filter(it -> !it.server.backup() && it.isAvailable(now) && also.test(it))
                .toList();
        return servers.isEmpty()
                ? members.stream()
                        .filter(it -> it.server.backup() && it.isAvailable(now) && also.test(it))
                        .toList()
                : servers;
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

    /** Smooth weighted round-robin: who is owed most comes next, and owes all the others' weights afterwards. */
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

    /** Weighted rendezvous hashing: the highest score wins, and no score depends on who else is there. */
    private Member hashed(List<Member> from, String value, long now) {
        return from.stream()
                .max(Comparator.comparingDouble(it -> {
                    double point = Hashing.point(it.server.url().toString(), value);
                    return -weight(it, now) / Math.log(point);
                }))
                .orElseThrow();
    }

    /** Settles a check of the server in place {@code index}; true if the server became available or unavailable by it. */
    synchronized boolean checked(int index, OriginSettings.Check check, boolean passed) {
        return members.get(index).checked(passed, check, nanos.getAsLong());
    }

    /**
     * Ends, or begins again, the sending of new requests to the server in place {@code index}.
     *
     * @throws IndexOutOfBoundsException if there is none
     */
    public synchronized void drain(int index, boolean draining) {
        Member member = members.get(index);
        if (member.draining && !draining) {
            member.returned(nanos.getAsLong());
        }
        member.draining = draining;
    }

    /** A request at a server. To be ended once; whether it succeeded or failed is to be said at most once, before. */
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

        /** The place of the server in the settings. */
        public int index() {
            return member.index;
        }

        /** How often the request was sent before. */
        public int retries() {
            return tried.size() - 1;
        }

        /** The server has answered as it should. */
        public void succeeded() {
            synchronized (ServerPool.this) {
                member.failuresInARow = 0;
            }
        }

        /** The server could not be reached, did not answer in time, or answered with an error of its own. */
        public void failed() {
            synchronized (ServerPool.this) {
                member.failuresInARow++;
                long now = nanos.getAsLong();
                if (mayBeEjected(now)) {
                    member.eject(now + settings.eject().period().toNanos());
                }
            }
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

        /** The request has left the server. */
        public void end() {
            if (ended.compareAndSet(false, true)) {
                synchronized (ServerPool.this) {
                    member.underWay--;
                }
            }
        }

        /** Chooses a server for the same request once more; null if there is no other, or no retry left. */
        public @Nullable Turn again() {
            synchronized (ServerPool.this) {
                if (retries() >= settings.retry().attempts()) {
                    return null;
                }
                long now = nanos.getAsLong();
                List<Member> others = available(now, it -> !tried.contains(it));
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
