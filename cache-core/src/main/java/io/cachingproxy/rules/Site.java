package io.cachingproxy.rules;

import io.cachingproxy.policy.Policy;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A site: its hosts, its policy and rules, and its origin.
 *
 * @param name unique among the sites of a cache
 * @param hosts such as {@code shop.example.com}, {@code *.shop.example.com} or {@code *}; in lower case, without a port
 * @param rules that apply to its requests
 * @param policy the policy unless a rule sets one
 * @param origin the name of the origin; null for the only one
 * @param clientHost whether the origin receives the client's Host, so that each host has its own keys; else all hosts
 *     share the keys of the first
 * @param shadow whether all requests are forwarded and nothing is stored, so that the site can be evaluated on live
 *     traffic before responses are served from the cache. The rules that route and change requests and responses apply
 */
public record Site(
        String name,
        List<String> hosts,
        Rules rules,
        Policy policy,
        @Nullable String origin,
        boolean clientHost,
        boolean shadow) {
    /** Any host. */
    static final String ANY = "*";

    private static final Pattern HOST = Pattern.compile("[a-z0-9_-]+(\\.[a-z0-9_-]+)*|\\[[0-9a-f:.]+]");

    public Site {
        hosts = hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
        if (hosts.isEmpty()) {
            throw new IllegalArgumentException("site \"" + name + "\" has no hosts: write \"*\" for all");
        }
        for (String host : hosts) {
            checkHost(name, host);
        }
        boolean several = origin != null || !isOfAllHosts(hosts);
        for (Rule rule : rules.list()) {
            if (clientHost && several && Boolean.FALSE.equals(rule.settings().get(Setting.KEY_HOST))) {
                throw new IllegalArgumentException("rule \"" + rule.name()
                        + "\" leaves the host out of the key, but the"
                        + " origin of site \"" + name + "\" gets the client's Host, so that a client could choose what"
                        + " others get: remove key.host, or let the origin get its own Host");
            }
        }
        rules = rules.under(policy, clientHost ? null : hosts.get(0), origin);
    }

    /**
     * Checks a host, in lower case, of a site.
     *
     * @throws IllegalArgumentException if it is malformed; the message is one sentence
     */
    public static void checkHost(String site, String host) {
        String name = host.startsWith("*.") ? host.substring(2) : host;
        if (!host.equals(ANY) && !HOST.matcher(name).matches()) {
            throw new IllegalArgumentException("host \"" + host + "\" of site \"" + site
                    + "\" is not one: write a name without a port, *.name for the names below it, or *");
        }
    }

    /** The only site of a cache without configured sites: matches every host, and each host has its own keys. */
    public static Site everything(Policy policy, Rules rules) {
        return new Site("default", List.of(ANY), rules, policy, null, true, false);
    }

    /** Whether this is the only site of a cache without configured sites. */
    public boolean isEverything() {
        return clientHost && origin == null && isOfAllHosts(hosts);
    }

    private static boolean isOfAllHosts(List<String> hosts) {
        return hosts.size() == 1 && hosts.get(0).equals(ANY);
    }

    /** A site with these hosts, without rules, under the standard policy. */
    public static Site site(String name, String... hosts) {
        return new Site(name, List.of(hosts), Rules.NONE, Policy.standard(Policy.DEFAULT_TTL), null, false, false);
    }

    /** A copy with these rules. */
    public Site rules(Rule... value) {
        return new Site(name, hosts, Rules.of(value), policy, origin, clientHost, shadow);
    }

    /** A copy with this policy. */
    public Site policy(Policy value) {
        return new Site(name, hosts, rules, value, origin, clientHost, shadow);
    }

    /** A copy with this origin. */
    public Site origin(String value) {
        return new Site(name, hosts, rules, policy, value, clientHost, shadow);
    }

    /** A copy whose origin receives the client's Host. */
    public Site withClientHost() {
        return new Site(name, hosts, rules, policy, origin, true, shadow);
    }

    /** A copy that is a shadow: all requests are forwarded, and nothing is stored. */
    public Site withShadow() {
        return new Site(name, hosts, rules, policy, origin, clientHost, true);
    }
}
