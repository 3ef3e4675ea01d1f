package io.cachingproxy.spring;

import io.cachingproxy.policy.Ignored;
import io.cachingproxy.rules.Rule;
import io.cachingproxy.rules.Rules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.unit.DataSize;

/**
 * A rule, with the names of the configuration file of the proxy. The settings that are about origins have no meaning in
 * an application and are missing. {@link Rule} describes each one.
 *
 * @param name in metrics and error messages; by default its number
 * @param match the requests and responses that the rule applies to; all by default
 * @param bypass whether requests pass by the cache
 * @param store whether responses are stored
 * @param ttl lifetime, whatever the application says
 * @param defaultTtl lifetime of responses without explicit freshness
 * @param minTtl shortest lifetime
 * @param maxTtl longest lifetime
 * @param browserTtl lifetime in clients
 * @param staleWhileRevalidate how long stale responses are served while they are revalidated
 * @param staleIfError how long stale responses are served in place of errors
 * @param ignore fields and directives that count as absent
 * @param key what the key is made of
 * @param tags tags by which responses are purged
 * @param responseHeaders changes of response headers
 * @param redirect a redirect that answers
 * @param respond a response that answers
 * @param coalesce whether concurrent misses are coalesced
 * @param maxObjectSize longest body that is stored
 */
public record RuleProperties(
        @Nullable String name,
        @Nullable MatchProperties match,
        @Nullable Boolean bypass,
        @Nullable Boolean store,
        @Nullable Duration ttl,
        @Nullable Duration defaultTtl,
        @Nullable Duration minTtl,
        @Nullable Duration maxTtl,
        @Nullable Duration browserTtl,
        @Nullable Duration staleWhileRevalidate,
        @Nullable Duration staleIfError,
        @Nullable Set<Ignored> ignore,
        @DefaultValue Key key,
        @DefaultValue List<String> tags,
        @DefaultValue Headers responseHeaders,
        @Nullable Redirect redirect,
        @Nullable Respond respond,
        @Nullable Boolean coalesce,
        @Nullable DataSize maxObjectSize) {
    /**
     * What the key is made of.
     *
     * @param query which query parameters are part of the key
     * @param headers request headers that are part of the key
     * @param cookies cookies that are part of the key
     * @param scheme whether the scheme is part of the key
     */
    public record Key(
            @DefaultValue Query query,
            @DefaultValue List<String> headers,
            @DefaultValue List<String> cookies,
            @Nullable Boolean scheme) {}

    /**
     * Query parameters in the key.
     *
     * @param keep only these are part of the key
     * @param drop these are not, such as {@code utm_*}
     * @param sort whether their order makes no difference
     */
    public record Query(
            @DefaultValue List<String> keep,
            @DefaultValue List<String> drop,
            @DefaultValue("false") boolean sort) {}

    /**
     * Changes of headers.
     *
     * @param set by name
     * @param add by name
     * @param remove names
     */
    public record Headers(
            @DefaultValue Map<String, String> set,
            @DefaultValue Map<String, List<String>> add,
            @DefaultValue List<String> remove) {}

    /**
     * A redirect.
     *
     * @param to the target
     * @param status 301, 302, 303, 307 or 308
     */
    public record Redirect(String to, @DefaultValue("302") int status) {}

    /**
     * A response.
     *
     * @param status of the response
     * @param body as text
     */
    public record Respond(
            @DefaultValue("200") int status,
            @DefaultValue("") String body) {}

    /**
     * The rules of a list.
     *
     * @throws InvalidConfigurationPropertyValueException if one is wrong; names its property
     */
    static Rules rules(List<RuleProperties> list) {
        List<Rule> rules = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            String property = "caching-proxy.rules[" + i + "]";
            RuleProperties each = list.get(i);
            String name = each.name() == null ? "rule " + (i + 1) : each.name();
            try {
                rules.add(each.rule(name));
            } catch (IllegalArgumentException wrong) {
                throw new InvalidConfigurationPropertyValueException(property, name, sentence(wrong));
            }
        }
        try {
            return Rules.of(rules.toArray(Rule[]::new));
        } catch (IllegalArgumentException wrong) {
            throw new InvalidConfigurationPropertyValueException("caching-proxy.rules", rules, sentence(wrong));
        }
    }

    private static String sentence(IllegalArgumentException wrong) {
        return wrong.getMessage() == null ? wrong.toString() : wrong.getMessage();
    }

    private Rule rule(String called) {
        Rule rule = Rule.rule(called);
        rule = with(rule, match, (it, value) -> it.match(value.match()));
        rule = with(rule, bypass, Rule::bypass);
        rule = with(rule, store, Rule::store);
        rule = with(rule, ttl, Rule::ttl);
        rule = with(rule, defaultTtl, Rule::defaultTtl);
        rule = with(rule, minTtl, Rule::minTtl);
        rule = with(rule, maxTtl, Rule::maxTtl);
        rule = with(rule, browserTtl, Rule::browserTtl);
        rule = with(rule, staleWhileRevalidate, Rule::staleWhileRevalidate);
        rule = with(rule, staleIfError, Rule::staleIfError);
        rule = with(rule, ignore, (it, value) -> it.ignore(value.toArray(Ignored[]::new)));
        rule = keyed(rule);
        rule = some(rule, tags, Rule::tags);
        rule = changed(rule);
        rule = with(rule, redirect, (it, value) -> it.redirect(value.to(), value.status()));
        rule = with(rule, respond, (it, value) -> it.respond(value.status(), value.body()));
        rule = with(rule, coalesce, Rule::coalesce);
        return with(rule, maxObjectSize, (it, value) -> it.maxObjectBytes(value.toBytes()));
    }

    private Rule keyed(Rule before) {
        if (!key.query().keep().isEmpty() && !key.query().drop().isEmpty()) {
            throw new IllegalArgumentException("key.query has keep and drop: remove one of them");
        }
        Rule rule = some(before, key.query().keep(), Rule::keyKeepsQuery);
        rule = some(rule, key.query().drop(), Rule::keyDropsQuery);
        rule = key.query().sort() ? rule.keySortsQuery() : rule;
        rule = some(rule, key.headers(), Rule::keyHeaders);
        rule = some(rule, key.cookies(), Rule::keyCookies);
        return with(rule, key.scheme(), Rule::keyScheme);
    }

    private Rule changed(Rule before) {
        Rule rule = before;
        for (Map.Entry<String, String> set : responseHeaders.set().entrySet()) {
            rule = rule.setResponseHeader(set.getKey(), set.getValue());
        }
        for (Map.Entry<String, List<String>> add : responseHeaders.add().entrySet()) {
            for (String value : add.getValue()) {
                rule = rule.addResponseHeader(add.getKey(), value);
            }
        }
        for (String field : responseHeaders.remove()) {
            rule = rule.removeResponseHeader(field);
        }
        return rule;
    }

    private static <T> Rule with(Rule rule, @Nullable T value, BiFunction<Rule, T, Rule> setting) {
        return value == null ? rule : setting.apply(rule, value);
    }

    private static Rule some(Rule rule, List<String> values, BiFunction<Rule, String[], Rule> setting) {
        return values.isEmpty() ? rule : setting.apply(rule, values.toArray(String[]::new));
    }
}
