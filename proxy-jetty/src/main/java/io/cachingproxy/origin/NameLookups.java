package io.cachingproxy.origin;

import io.cachingproxy.origin.balance.OriginSettings.Server;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks up the host names of an origin's servers at an interval, on threads of its own. After a failed lookup or an empty
 * answer, the last known addresses stay in use.
 */
final class NameLookups extends AbstractLifeCycle {
    /** Maximum number of addresses of a name that are used. */
    static final int MOST = 256;

    private static final Logger LOG = LoggerFactory.getLogger(NameLookups.class);
    private static final int MOST_THREADS = 4;

    private final String origin;
    private final Duration every;
    private final NameResolver resolver;
    private final Listener listener;
    /** The indexes of the servers by their host names. */
    private final Map<String, List<Integer>> names = new LinkedHashMap<>();

    private final Set<String> failed = ConcurrentHashMap.newKeySet();
    private @Nullable ScheduledThreadPoolExecutor threads;

    /** Receives the result of each successful lookup. */
    interface Listener {
        /** @param addresses at least one, in a fixed order */
        void found(int server, List<InetAddress> addresses);
    }

    /**
     * Lookups from start to stop of this lifecycle.
     *
     * @param origin the name of the origin, for the log
     * @param every the interval between two lookups of a name, plus up to a tenth of it as jitter
     */
    NameLookups(String origin, List<Server> servers, Duration every, NameResolver resolver, Listener listener) {
        this.origin = origin;
        this.every = every;
        this.resolver = resolver;
        this.listener = listener;
        for (int index = 0; index < servers.size(); index++) {
            URI url = servers.get(index).url();
            if (NameResolver.isName(url)) {
                names.computeIfAbsent(url.getHost(), name -> new ArrayList<>()).add(index);
            }
        }
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        ScheduledThreadPoolExecutor started =
                new ScheduledThreadPoolExecutor(Math.max(1, Math.min(names.size(), MOST_THREADS)), task -> {
                    Thread thread = new Thread(task, "lookup-" + origin);
                    thread.setDaemon(true);
                    return thread;
                });
        threads = started;
        names.keySet().forEach(name -> started.execute(() -> lookUp(started, name)));
    }

    @Override
    protected void doStop() throws Exception {
        ScheduledThreadPoolExecutor stopping = threads;
        if (stopping != null) {
            stopping.shutdownNow();
        }
        super.doStop();
    }

    private void lookUp(ScheduledThreadPoolExecutor on, String name) {
        try {
            accept(name, resolver.addresses(name));
        } catch (UnknownHostException unknown) {
            complain(name, "cannot be resolved");
        } catch (RuntimeException broken) { // a lookup that fails must not end the lookups
            LOG.warn("The addresses of {} of origin {} cannot be used", name, origin, broken);
        }
        long millis = every.toMillis();
        long later = ThreadLocalRandom.current().nextLong(millis / 10 + 1);
        try {
            on.schedule(() -> lookUp(on, name), millis + later, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException stopped) {
            LOG.debug("No more lookups of {}", name);
        }
    }

    private void accept(String name, List<InetAddress> answer) {
        if (answer.isEmpty()) {
            complain(name, "has no addresses");
            return;
        }
        if (!isRunning() && !isStarting()) {
            return;
        }
        if (failed.remove(name)) {
            LOG.info("The name {} of origin {} is resolved again", name, origin);
        }
        List<InetAddress> addresses = new HashSet<>(answer)
                .stream()
                        .sorted((one, other) -> Arrays.compareUnsigned(one.getAddress(), other.getAddress()))
                        .limit(MOST)
                        .toList();
        names.getOrDefault(name, List.of()).forEach(server -> listener.found(server, addresses));
    }

    private void complain(String name, String what) {
        if ((isRunning() || isStarting()) && failed.add(name)) {
            LOG.warn("The name {} of origin {} {}: the last known addresses stay in use", name, origin, what);
        }
    }

    /** Addresses for the log. */
    static String text(List<InetAddress> addresses) {
        return addresses.stream().map(InetAddress::getHostAddress).collect(Collectors.joining(", "));
    }

    /** Logs changed addresses of a server. */
    static void log(String origin, URI server, List<InetAddress> addresses) {
        LOG.info("Server {} of origin {} has the addresses {}", server, origin, text(addresses));
    }
}
