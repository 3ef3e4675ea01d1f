package io.cachingproxy.jetty;

import io.cachingproxy.origin.ConfiguredOrigin;
import io.cachingproxy.origin.OriginServers;
import io.cachingproxy.origin.balance.ServerPool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.eclipse.jetty.util.component.ContainerLifeCycle;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.thread.Scheduler;

/** Starts and stops named origins as the configuration adds and removes them. */
final class NamedOrigins extends ContainerLifeCycle {
    /** How long a replaced or removed origin stays available for requests that were resolved earlier, in seconds. */
    private static final long KEPT = 10;

    private final Origins origins;
    private final BiFunction<String, ConfiguredOrigin, OriginServers> made;
    private final Supplier<Scheduler> scheduler;
    private final Map<String, ConfiguredOrigin> known = new HashMap<>();
    private Set<String> wanted = Set.of();

    NamedOrigins(
            Origins origins, BiFunction<String, ConfiguredOrigin, OriginServers> made, Supplier<Scheduler> scheduler) {
        this.origins = origins;
        this.made = made;
        this.scheduler = scheduler;
    }

    /**
     * The current server pools by origin name; the unnamed origin is {@code origin}, unless a named origin has that
     * name.
     */
    Map<String, ServerPool> pools() {
        Map<String, ServerPool> pools = new TreeMap<>();
        origins.named().forEach((name, servers) -> pools.put(name, servers.pool()));
        ServerPool only = origins.onlyPool();
        if (only != null) {
            pools.putIfAbsent(ProxyServer.UNNAMED, only);
        }
        return pools;
    }

    /** Replaces the named origins. Origins with unchanged settings are kept. */
    synchronized void replace(Map<String, ConfiguredOrigin> configured) {
        Map<String, OriginServers> next = new HashMap<>(origins.named());
        List<OriginServers> replaced = new ArrayList<>();
        configured.forEach((name, wants) -> {
            OriginServers before = next.get(name);
            if (before == null || !wants.equals(known.get(name))) {
                OriginServers servers = made.apply(name, wants);
                if (before != null) {
                    servers.continueFrom(before);
                    replaced.add(before);
                }
                addManaged(servers);
                next.put(name, servers);
            }
        });
        wanted = Set.copyOf(configured.keySet());
        known.putAll(configured);
        origins.named(next);
        replaced.forEach(this::retire);
        if (!wanted.containsAll(next.keySet())) {
            later(this::removeUnwanted);
        }
    }

    private synchronized void removeUnwanted() {
        Map<String, OriginServers> next = new HashMap<>(origins.named());
        List<OriginServers> removed = new ArrayList<>();
        origins.named().forEach((name, servers) -> {
            if (!wanted.contains(name)) {
                next.remove(name);
                known.remove(name);
                removed.add(servers);
            }
        });
        origins.named(next);
        removed.forEach(this::retire);
    }

    /** Ends the health checks and closes the idle connections of an origin now, and stops it once no requests are in flight. */
    private void retire(OriginServers servers) {
        servers.retire();
        stopLater(servers);
    }

    private void stopLater(OriginServers servers) {
        later(() -> {
            if (servers.pool().states().stream().anyMatch(server -> server.underWay() > 0)) {
                stopLater(servers);
            } else {
                removeBean(servers);
                LifeCycle.stop(servers);
            }
        });
    }

    private void later(Runnable task) {
        Scheduler timer = scheduler.get();
        if (timer.isRunning()) {
            timer.schedule(task, KEPT, TimeUnit.SECONDS);
        }
    }
}
