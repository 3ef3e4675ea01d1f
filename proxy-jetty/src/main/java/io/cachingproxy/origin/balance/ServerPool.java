package io.cachingproxy.origin.balance;

import io.cachingproxy.http.RequestHead;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
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
 * <p>A server whose host name is looked up has a member for each address, with its own health. An address that is no
 * longer one of the name gets no new requests; its member is removed once no requests are in flight.
 *
 * <p>Thread-safe. No method does I/O, or blocks for longer than a pass over the servers.
 */
public final class ServerPool {
    private final OriginSettings settings;
    /** In the order of the servers; replaced as a whole, and guarded by the lock. */
    private List<Member> members;

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
        default void ejected(ServerAddress server, int failures, Duration period) {}

        /** The period of an ejected server is over. Called at the next request of the origin. */
        default void returned(ServerAddress server) {}
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
            made.add(member(server, made.size(), null));
        }
        this.members = List.copyOf(made);
    }

    private Member member(OriginSettings.Server server, int index, @Nullable InetAddress address) {
        ServerAddress where = new ServerAddress(server.url(), address);
        return new Member(server, index, address, () -> news.add(() -> ejections.returned(where)));
    }

    /**
     * Changes of the addresses of a server.
     *
     * @param added addresses that were not among the previous ones
     * @param gone previous addresses that get no new requests
     */
    public record Changes(List<InetAddress> added, List<InetAddress> gone) {
        /** Whether the addresses are the previous ones. */
        public boolean isEmpty() {
            return added.isEmpty() && gone.isEmpty();
        }
    }

    /**
     * Sets the addresses of the server at {@code index}, which share its weight. Addresses that are added later than the
     * first ones begin with a slow start.
     *
     * @param addresses at least one
     * @throws IndexOutOfBoundsException if there is no server at {@code index}
     */
    public synchronized Changes addresses(int index, List<InetAddress> addresses) {
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("no addresses");
        }
        OriginSettings.Server server = settings.servers().get(index);
        long now = nanos.getAsLong();
        List<Member> before = members.stream().filter(it -> it.index == index).toList();
        boolean areFirst = before.stream().allMatch(it -> it.address == null);
        boolean draining = before.stream().anyMatch(it -> it.draining);
        List<InetAddress> added = new ArrayList<>();
        List<InetAddress> gone = new ArrayList<>();
        List<Member> next = new ArrayList<>(members);
        for (InetAddress address : new LinkedHashSet<>(addresses)) {
            Member known = before.stream()
                    .filter(it -> address.equals(it.address))
                    .findFirst()
                    .orElse(null);
            Member member = known == null ? member(server, index, address) : known;
            if (known == null) {
                next.add(member);
                member.draining = draining;
            }
            if (known == null || known.leaving) {
                added.add(address);
                member.leaving = false;
                if (!areFirst) {
                    member.returned(now);
                }
            }
        }
        for (Member member : before) {
            if (!member.leaving && (member.address == null || !addresses.contains(member.address))) {
                member.leaving = true;
                if (member.address != null) {
                    gone.add(member.address);
                }
            }
        }
        double share = 1.0
                / next.stream().filter(it -> it.index == index && !it.leaving).count();
        next.stream().filter(it -> it.index == index).forEach(it -> it.share = share);
        next.sort(Comparator.comparingInt(it -> it.index));
        members = List.copyOf(next);
        return new Changes(List.copyOf(added), List.copyOf(gone));
    }

    /** The current addresses of the server with this URL; empty if they are not known. */
    public synchronized List<InetAddress> addresses(URI url) {
        return members.stream()
                .filter(it -> it.server.url().equals(url) && !it.leaving)
                .flatMap(it -> Stream.ofNullable(it.address))
                .toList();
    }

    /** Removes the addresses of the server at {@code index} that have left and have no requests in flight; returns them. */
    public synchronized List<InetAddress> removeUnused(int index) {
        List<Member> unused = members.stream()
                .filter(it -> it.index == index && it.leaving && it.underWay == 0)
                .toList();
        members = members.stream().filter(it -> !unused.contains(it)).toList();
        return unused.stream().flatMap(it -> Stream.ofNullable(it.address)).toList();
    }

    /**
     * Takes over the health of servers with the same URL and address: draining, the results of health checks, ejection and
     * slow start.
     * A server that is down by its health checks is available in a pool without checks.
     *
     * @param before the pool that this one replaces
     */
    public void continueFrom(ServerPool before) {
        Map<ServerAddress, Member> known = new HashMap<>();
        Set<URI> drained = new HashSet<>();
        synchronized (before) {
            before.members.stream().filter(it -> !it.leaving).forEach(it -> known.put(it.where(), it.copy()));
            before.members.stream().filter(it -> it.draining).forEach(it -> drained.add(it.server.url()));
        }
        synchronized (this) {
            for (Member member : members) {
                Member earlier = known.get(member.where());
                if (earlier != null) {
                    member.continueFrom(earlier, settings);
                }
                member.draining = drained.contains(member.server.url());
            }
        }
    }

    public OriginSettings settings() {
        return settings;
    }

    /** Whether a server, or one of its addresses, gets requests. */
    public enum Status {
        /** It gets requests. */
        AVAILABLE,
        /** It gets no new requests, because the operator drains it or its name has no longer the address. */
        DRAINING,
        /** It gets no requests, because its health checks fail. */
        DOWN,
        /** It gets no requests for a time, because its responses failed. */
        EJECTED;

        private static Status of(boolean draining, boolean down, boolean ejected) {
            if (draining) {
                return DRAINING;
            }
            return down ? DOWN : ejected ? EJECTED : AVAILABLE;
        }

        /** The name in the admin API and in metrics. */
        public String token() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A snapshot of the state of a server.
     *
     * @param down whether the active health checks mark the server, or all its addresses, as unavailable
     * @param ejected whether the server is ejected because its responses failed; with addresses, whether none of them is
     *     available, and not all are down
     * @param draining whether the server gets no new requests because the operator drains it
     * @param underWay number of requests in flight to the server
     * @param addresses the addresses of the server, if its name is looked up, also those that have left but have requests
     *     in flight
     */
    public record State(
            URI url,
            boolean backup,
            boolean down,
            boolean ejected,
            boolean draining,
            int underWay,
            List<AddressState> addresses) {
        /** The first that holds: draining, down, ejected, available. */
        public Status status() {
            return Status.of(draining, down, ejected);
        }
    }

    /**
     * A snapshot of the state of one address of a server.
     *
     * @param draining whether the address gets no new requests, because the operator drains the server or the name has no
     *     longer the address
     */
    public record AddressState(InetAddress address, boolean down, boolean ejected, boolean draining, int underWay) {
        /** The first that holds: draining, down, ejected, available. */
        public Status status() {
            return Status.of(draining, down, ejected);
        }
    }

    /** The states of all servers, in the order of the settings. */
    public synchronized List<State> states() {
        long now = nanos.getAsLong();
        List<State> states = new ArrayList<>();
        for (int index = 0; index < settings.servers().size(); index++) {
            states.add(state(index, now));
        }
        return states;
    }

    private State state(int index, long now) {
        OriginSettings.Server server = settings.servers().get(index);
        List<Member> all = members.stream().filter(it -> it.index == index).toList();
        List<Member> current = all.stream().filter(it -> !it.leaving).toList();
        boolean down = current.stream().allMatch(Member::isDown);
        boolean out = current.stream().allMatch(it -> it.isDown() || it.isEjected(now));
        return new State(
                server.url(),
                server.backup(),
                down,
                out && current.stream().anyMatch(it -> it.isEjected(now)),
                current.stream().anyMatch(it -> it.draining),
                all.stream().mapToInt(it -> it.underWay).sum(),
                all.stream()
                        .filter(it -> !it.leaving || it.underWay > 0)
                        .flatMap(it -> Stream.ofNullable(it.address).map(address -> state(it, address, now)))
                        .toList());
    }

    private static AddressState state(Member member, InetAddress address, long now) {
        return new AddressState(
                address, member.isDown(), member.isEjected(now), member.draining || member.leaving, member.underWay);
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
                .filter(it -> !it.leaving && !it.draining && !it.isDown() && it.isEjected(now))
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
                    double point = Hashing.point(it.where().toString(), value);
                    return -weight(it, now) / Math.log(point);
                }))
                .orElseThrow();
    }

    /** The servers and addresses that get requests. */
    synchronized List<Member> current() {
        return members.stream().filter(it -> !it.leaving).toList();
    }

    /** Records a health check; true if the availability of the server or address changed. */
    synchronized boolean checked(Member member, OriginSettings.Check check, boolean passed) {
        return member.checked(passed, check, nanos.getAsLong());
    }

    /**
     * Starts or ends draining of the server at {@code index}. A draining server gets no new requests.
     *
     * @throws IndexOutOfBoundsException if there is no server at {@code index}
     */
    public synchronized void drain(int index, boolean draining) {
        Objects.checkIndex(index, settings.servers().size());
        long now = nanos.getAsLong();
        members.stream().filter(it -> it.index == index).forEach(member -> {
            if (member.draining && !draining) {
                member.returned(now);
            }
            member.draining = draining;
        });
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

        /** The address of the server; null: the server as configured. */
        public @Nullable InetAddress address() {
            return member.address;
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
                    news.add(() -> ejections.ejected(member.where(), failures, period));
                }
            }
            tell();
        }

        private boolean mayBeEjected(long now) {
            OriginSettings.Eject eject = settings.eject();
            if (member.leaving
                    || eject.failures() == 0
                    || member.failuresInARow < eject.failures()
                    || member.isEjected(now)) {
                return false;
            }
            List<Member> current = current();
            long out = current.stream().filter(it -> it.isEjected(now)).count() + 1;
            boolean isLast = current.stream().noneMatch(it -> it != member && it.isAvailable(now));
            return !isLast && out * 100 <= (long) eject.atMostPercent() * current.size();
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
