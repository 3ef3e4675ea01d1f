package io.cachingproxy.cli.config;

import io.cachingproxy.cli.config.Configuration.Origin;
import io.cachingproxy.cli.config.Configuration.RuleEntry;
import io.cachingproxy.cli.config.Configuration.SiteEntry;
import io.cachingproxy.rules.Rules;
import io.cachingproxy.rules.Site;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code sites}, and checks the rules of each site together. */
final class SiteReader {
    private final Problems problems;
    private final RuleReader ruleReader;
    private final Map<String, Origin> origins;
    private final List<RuleEntry> shared;
    private final boolean hasOrigin;
    private final Map<String, String> siteOfHost = new HashMap<>();
    private final Map<String, Place> names = new HashMap<>();
    private long allRules;

    /**
     * A reader of sites.
     *
     * @param shared the shared rules of all sites
     * @param hasOrigin whether there is an origin for sites that name none
     */
    SiteReader(
            Problems problems,
            RuleReader ruleReader,
            Map<String, Origin> origins,
            List<RuleEntry> shared,
            boolean hasOrigin) {
        this.problems = problems;
        this.ruleReader = ruleReader;
        this.origins = origins;
        this.shared = shared;
        this.hasOrigin = hasOrigin;
    }

    List<SiteEntry> read(@Nullable Value list) {
        List<SiteEntry> sites = new ArrayList<>();
        List<Value> items = ConfigurationReader.items(list, problems);
        for (Value item : items) {
            SiteEntry site = problems.attempt(item, () -> site(item));
            if (site != null) {
                sites.add(site);
            }
        }
        if (items.isEmpty() && list != null && list.isList()) {
            problems.error(list.place(), list.path(), "is empty: write a site, or remove the key");
        }
        if (items.isEmpty()) {
            check(shared, Place.START, "rules");
            if (origins.size() == 1) {
                checkHosts(shared, origins.keySet().iterator().next(), "default");
            }
        }
        return sites;
    }

    private @Nullable SiteEntry site(Value item) {
        Map<String, Value> keys = item.section(Keys.SITE);
        Value name = keys.get("name");
        Value policy = keys.get("policy");
        Value origin = keys.get("origin");
        Value shadow = keys.get("shadow");
        List<String> hosts = hosts(item, keys.get("hosts"));
        String called = name == null ? null : problems.attempt(name, name::text);
        if (called == null) {
            called = hosts.isEmpty() ? item.path() : hosts.get(0);
        }
        unique(called, name == null ? item : name);
        for (String host : hosts) {
            siteOfHost.putIfAbsent(host, called);
        }
        if (origin == null && !hasOrigin) {
            problems.error(item.place(), item.path(), "has no origin: write origin: " + example());
        }
        String to = origin == null ? null : problems.attempt(origin, () -> ruleReader.origin(origin));
        PolicyName named = policy == null ? null : problems.attempt(policy, () -> policy.parsed(PolicyName::parse));
        boolean isShadow = shadow != null && Boolean.TRUE.equals(problems.attempt(shadow, shadow::bool));
        List<RuleEntry> rules = ruleReader.read(keys.get("rules"), "rule ");
        allRules += shared.size() + rules.size();
        if (allRules > Bounds.OF_HEAP.rules()) {
            throw item.wrong("more than " + Bounds.OF_HEAP.rules()
                    + " rules in all sites, those for all sites counted for each: write fewer");
        }
        List<RuleEntry> all = new ArrayList<>(shared);
        all.addAll(rules);
        check(all, item.place(), item.path());
        checkHosts(all, to, called);
        return new SiteEntry(
                called, hosts, Optional.ofNullable(to), Optional.ofNullable(named), isShadow, List.copyOf(rules));
    }

    private String example() {
        return origins.isEmpty()
                ? "and the name of one under origins"
                : origins.keySet().iterator().next();
    }

    private void unique(String name, Value at) {
        Place before = names.putIfAbsent(name, at.place());
        if (before != null) {
            problems.error(
                    at.place(),
                    at.path(),
                    "the site in line " + before.line() + " has the name \"" + name + "\" already");
        }
    }

    private List<String> hosts(Value item, @Nullable Value hosts) {
        if (hosts == null) {
            problems.error(item.place(), item.path(), "has no hosts: write hosts: [\"*\"] for all");
            return List.of();
        }
        List<Value> values = problems.attempt(hosts, hosts::oneOrMore);
        if (values == null || values.isEmpty()) {
            problems.error(hosts.place(), hosts.path(), "is empty: write [\"*\"] for all");
            return List.of();
        }
        Set<String> all = new LinkedHashSet<>();
        for (Value value : values) {
            String host = problems.attempt(value, () -> host(value));
            if (host != null) {
                all.add(host);
            }
        }
        return List.copyOf(all);
    }

    private String host(Value value) {
        String host = value.text().toLowerCase(Locale.ROOT);
        Site.checkHost("site", host);
        String other = siteOfHost.get(host);
        if (other != null) {
            throw value.wrong("host \"" + host + "\" is in site \"" + other + "\" already: remove one of them");
        }
        return host;
    }

    /** Checks for duplicate names, redirect loops and shadowed rules. */
    private void check(List<RuleEntry> rules, Place place, String path) {
        Map<String, RuleEntry> byName = new HashMap<>();
        boolean unique = true;
        for (RuleEntry entry : rules) {
            RuleEntry before = byName.putIfAbsent(entry.rule().name(), entry);
            if (before != null) {
                unique = false;
                problems.error(
                        entry.place(),
                        entry.path(),
                        "the rule in line " + before.place().line() + " has the name \""
                                + entry.rule().name() + "\" already");
            }
        }
        List<RuleEntry> right =
                rules.stream().filter(entry -> !ruleReader.isWrong(entry)).toList();
        try {
            Rules.check(right.stream().map(RuleEntry::rule).toList());
        } catch (IllegalArgumentException e) {
            boolean ofOne = contradictions(right);
            if (unique && !ofOne) {
                problems.error(place, path, String.valueOf(e.getMessage()));
            }
        }
        Shadowing.warn(rules, problems);
    }

    /** Reports contradictory rules, each at its position; true if there are any. */
    private boolean contradictions(List<RuleEntry> rules) {
        boolean any = false;
        for (RuleEntry entry : rules) {
            Interruption.check();
            try {
                Rules.check(List.of(entry.rule()));
            } catch (IllegalArgumentException e) {
                problems.error(entry.place(), entry.path(), String.valueOf(e.getMessage()));
                any = true;
            }
        }
        return any;
    }

    /** The Host of requests to the origin is a setting of the site, since the cache key depends on it. */
    private void checkHosts(List<RuleEntry> rules, @Nullable String siteOrigin, String site) {
        for (RuleEntry entry : rules) {
            Interruption.check();
            if (isClientHost(siteOrigin)) {
                checkKey(entry, site);
            }
            String other = entry.origin().orElse(null);
            if (other != null && isClientHost(other) != isClientHost(siteOrigin)) {
                problems.error(
                        entry.place(),
                        entry.path() + ".origin",
                        "origin \"" + other
                                + "\" differs in host (origin or client) from that of the site, which is not supported yet");
            }
        }
    }

    /** Refuses rules that exclude the host from the cache key if the client's Host is forwarded. */
    private void checkKey(RuleEntry entry, String site) {
        try {
            Site.site(site, "host").withClientHost().rules(entry.rule());
        } catch (IllegalArgumentException e) {
            if (String.valueOf(e.getMessage()).contains("out of the key")) { // otherwise reported already
                problems.error(entry.place(), entry.path() + ".key.host", String.valueOf(e.getMessage()));
            }
        }
    }

    private boolean isClientHost(@Nullable String name) {
        Origin origin = name == null ? null : origins.get(name);
        return origin != null && origin.clientHost();
    }
}
