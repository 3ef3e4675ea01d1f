package io.cachingproxy.rules;

import io.cachingproxy.http.Hosts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The sites of a cache by host: exact names take precedence over wildcards, and longer wildcards over shorter ones.
 * Immutable.
 */
public final class Sites {
    private final List<Site> all;
    private final Map<String, Site> exact = new HashMap<>();
    private final Map<String, Site> below = new HashMap<>();
    private final @Nullable Site any;

    private Sites(List<Site> all) {
        this.all = all;
        Site rest = null;
        for (Site site : all) {
            for (String host : site.hosts()) {
                if (host.equals(Site.ANY)) {
                    rest = site;
                } else if (host.startsWith("*.")) {
                    below.put(host.substring(1), site);
                } else {
                    exact.put(host, site);
                }
            }
        }
        this.any = rest;
    }

    /**
     * Creates a snapshot of these sites.
     *
     * @throws IllegalArgumentException if two have the same name or the same host; the message has one sentence for
     *     each
     */
    public static Sites of(Site... sites) {
        return of(List.of(sites));
    }

    /** The same. */
    public static Sites of(List<Site> sites) {
        List<String> wrong = new ArrayList<>();
        Set<String> names = new HashSet<>();
        Map<String, Site> byHost = new HashMap<>();
        for (Site site : sites) {
            if (!names.add(site.name())) {
                wrong.add("two sites have the name \"" + site.name() + "\"");
            }
            for (String host : site.hosts()) {
                Site other = byHost.put(host, site);
                if (other != null && other != site) {
                    wrong.add("host \"" + host + "\" is in site \"" + other.name() + "\" and in site \"" + site.name()
                            + "\"");
                }
            }
        }
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", wrong));
        }
        return new Sites(List.copyOf(sites));
    }

    /** Whether there is one site for all hosts, because no sites are configured. */
    public boolean isEverything() {
        return all.size() == 1 && all.get(0).isEverything();
    }

    /** The sites. */
    public List<Site> list() {
        return all;
    }

    /**
     * The site of a host.
     *
     * @param authority host, or host and port; the port is ignored
     * @return null if no site has this host
     */
    public @Nullable Site find(String authority) {
        if (exact.isEmpty() && below.isEmpty()) {
            return any;
        }
        String host = Hosts.name(authority);
        Site site = exact.get(host);
        for (int dot = host.indexOf('.'); site == null && dot >= 0; dot = host.indexOf('.', dot + 1)) {
            site = below.get(host.substring(dot));
        }
        return site == null ? any : site;
    }

    /** The hosts of one of these sites, without those that another site has. */
    public Hosts hosts(Site site) {
        List<String> others = all.stream()
                .filter(other -> other != site)
                .flatMap(other -> other.hosts().stream())
                .toList();
        return Hosts.of(site.hosts(), others);
    }
}
