package io.cachingproxy;

import io.cachingproxy.Explanation.By;
import io.cachingproxy.Explanation.Change;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Freshness;
import io.cachingproxy.policy.Ignored;
import io.cachingproxy.policy.Lifetimes;
import io.cachingproxy.policy.Outcome;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.Reception;
import io.cachingproxy.policy.RequestTerms;
import io.cachingproxy.policy.Reuse;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.policy.Terms;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Finds what would change a decision: makes the decision again for a changed request, response or rule, and keeps the
 * changes with which it succeeds. If no single change is enough, pairs are tried.
 */
final class WhatIf {
    private static final int MAX_PAIRS = 8;
    private static final Duration LONG = Duration.ofDays(3650);
    private static final Set<Ignored> SHARED_ONLY =
            EnumSet.of(Ignored.PRIVATE, Ignored.SET_COOKIE, Ignored.COOKIE, Ignored.AUTHORIZATION, Ignored.VARY);

    private static final ResponseHead NO_RESPONSE = new ResponseHead(200, Headers.EMPTY);

    private WhatIf() {}

    /** The input of a decision. */
    private record Case(RequestHead request, ResponseHead response, boolean bypasses, RequestTerms rules) {
        Case with(Headers ofRequest) {
            return ofRequest == request.headers()
                    ? this
                    : new Case(request.withHeaders(ofRequest), response, bypasses, rules);
        }

        Case responding(Headers ofResponse) {
            return new Case(request, response.withHeaders(ofResponse), bypasses, rules);
        }

        Case ruled(UnaryOperator<Terms> change) {
            boolean changes = change.apply(rules.beforeResponse()) != rules.beforeResponse()
                    || change.apply(rules.forResponse(response)) != rules.forResponse(response);
            return changes ? new Case(request, response, bypasses, new Altered(rules, change)) : this;
        }
    }

    /** The terms after a change of rules. */
    private record Altered(RequestTerms rules, UnaryOperator<Terms> change) implements RequestTerms {
        @Override
        public Terms beforeResponse() {
            return change.apply(rules.beforeResponse());
        }

        @Override
        public Terms forResponse(ResponseHead response) {
            return change.apply(rules.forResponse(response));
        }

        @Override
        public Set<String> tags(ResponseHead response) {
            return rules.tags(response);
        }
    }

    /**
     * A change.
     *
     * @param make returns the same instance if it changes nothing
     */
    private record Idea(By by, String text, UnaryOperator<Case> make) {
        /** A change of the terms. */
        static Idea ruled(String text, UnaryOperator<Terms> change) {
            Map<Terms, Terms> made = new IdentityHashMap<>();
            return new Idea(By.RULE, text, it -> it.ruled(terms -> made.computeIfAbsent(terms, change)));
        }
    }

    /** What would answer the request from the store. */
    static List<Change> answeredFromStore(
            CacheRequest request, Decision decision, List<StoredResponse> candidates, Instant now) {
        if (isAnswer(decision) || candidates.isEmpty()) {
            return List.of();
        }
        Case as = new Case(request.head(), NO_RESPONSE, request.bypasses(), request.treatment());
        return changes(
                as,
                Stream.concat(ofRequest(), ofRules(request)).toList(),
                it -> !it.bypasses && isAnswer(Reuse.decide(it.rules, it.request, candidates, now)));
    }

    private static boolean isAnswer(Decision decision) {
        return decision instanceof Decision.Hit || decision instanceof Decision.Stale;
    }

    /** What would have the response stored. */
    static List<Change> stored(CacheRequest request, Decision decision, ResponseHead response, Instant now) {
        Case as = new Case(request.atOrigin(), response, request.bypasses(), request.treatment());
        if (isStored(as, decision, now)) {
            return List.of();
        }
        return changes(
                as,
                Stream.of(ofResponse(), ofRules(request), ofRequest())
                        .flatMap(it -> it)
                        .toList(),
                it -> isStored(it, decision, now));
    }

    private static boolean isStored(Case it, Decision decision, Instant now) {
        if (it.bypasses) {
            return false;
        }
        Reason bypass = Reuse.bypass(it.rules.beforeResponse(), it.request);
        Decision made = bypass != null
                ? new Decision.Bypass(bypass)
                : decision instanceof Decision.Bypass ? new Decision.Miss(Reason.URI_MISS) : decision;
        Outcome outcome = Reception.judge(it.rules, it.request, made, it.response, now, now);
        return outcome instanceof Outcome.Store || outcome instanceof Outcome.Freshen freshen && freshen.stays();
    }

    private static List<Change> changes(Case as, List<Idea> ideas, Predicate<Case> succeeds) {
        List<Change> single = new ArrayList<>();
        List<Idea> effective = new ArrayList<>();
        for (Idea idea : ideas) {
            Case changed = idea.make.apply(as);
            if (changed != as) {
                effective.add(idea);
                if (succeeds.test(changed)) {
                    single.add(new Change(List.of(idea.by), idea.text));
                }
            }
        }
        return single.isEmpty() ? pairs(as, effective, succeeds) : List.copyOf(single);
    }

    private static List<Change> pairs(Case as, List<Idea> ideas, Predicate<Case> succeeds) {
        List<Change> pairs = new ArrayList<>();
        for (int i = 0; i < ideas.size(); i++) {
            for (int j = i + 1; j < ideas.size() && pairs.size() < MAX_PAIRS; j++) {
                Idea one = ideas.get(i);
                Idea other = ideas.get(j);
                if (succeeds.test(other.make.apply(one.make.apply(as)))) {
                    pairs.add(new Change(List.of(one.by, other.by), one.text + " and " + other.text));
                }
            }
        }
        return List.copyOf(pairs);
    }

    private static Stream<Idea> ofResponse() {
        Stream<Idea> without = Stream.of("no-store", "private", "must-understand")
                .map(directive ->
                        new Idea(By.ORIGIN, "the origin did not send " + directive, it -> without(it, directive)));
        return Stream.concat(
                without,
                Stream.of(
                        new Idea(By.ORIGIN, "the origin sent s-maxage", it -> plus(it, "s-maxage=60")),
                        new Idea(By.ORIGIN, "the origin sent public", it -> plus(it, "public")),
                        new Idea(By.ORIGIN, "the origin sent no Set-Cookie", it -> withoutField(it, "Set-Cookie")),
                        new Idea(By.ORIGIN, "the origin sent no Vary", it -> withoutField(it, "Vary")),
                        new Idea(
                                By.ORIGIN,
                                "the origin sent an ETag",
                                it -> it.response.headers().contains("ETag")
                                        ? it
                                        : it.responding(it.response.headers().plus("ETag", "\"1\"")))));
    }

    private static Case withoutField(Case it, String field) {
        return it.response.headers().contains(field)
                ? it.responding(it.response.headers().without(field))
                : it;
    }

    /** The name of the field whose directives count. */
    private static String controlField(Case it) {
        return it.rules.forResponse(it.response).policy().targets().stream()
                .filter(it.response.headers()::contains)
                .findFirst()
                .orElse("Cache-Control");
    }

    private static Case without(Case it, String directive) {
        String field = controlField(it);
        List<String> all = it.response.headers().list(field);
        List<String> left = all.stream()
                .filter(each ->
                        !each.split("=", 2)[0].strip().toLowerCase(Locale.ROOT).equals(directive))
                .toList();
        if (left.size() == all.size()) {
            return it;
        }
        Headers rest = it.response.headers().without(field);
        return it.responding(left.isEmpty() ? rest : rest.plus(field, String.join(", ", left)));
    }

    private static Case plus(Case it, String directive) {
        Case clean = without(it, directive.split("=", 2)[0]);
        return clean.responding(clean.response.headers().plus(controlField(it), directive));
    }

    private static Stream<Idea> ofRules(CacheRequest request) {
        List<Idea> ideas = new ArrayList<>();
        boolean shadow = request.bypassing() == Reason.SHADOW;
        ideas.add(new Idea(
                By.RULE,
                shadow ? "the site were no shadow (shadow: false)" : "no rule set bypass",
                WhatIf::notBypassed));
        ideas.add(Idea.ruled(
                "no rule set store: false",
                terms -> terms.stores() ? terms : Terms.of(terms.policy(), terms.lifetimes(), terms.ignored(), true)));
        ideas.add(Idea.ruled("a rule set ttl", terms -> lasting(terms, false)));
        ideas.add(new Idea(
                By.RULE, "a rule that matches the status and the content type set ttl", WhatIf::lastingForAll));
        for (Ignored what : Ignored.values()) {
            String caution = SHARED_ONLY.contains(what) ? " (only if the response is the same for all clients)" : "";
            ideas.add(
                    Idea.ruled("a rule set ignore: [" + what.token() + "]" + caution, terms -> ignoring(terms, what)));
        }
        ideas.add(Idea.ruled("the policy were rfc9111", WhatIf::byRfc));
        return ideas.stream();
    }

    private static Case notBypassed(Case it) {
        return it.bypasses ? new Case(it.request, it.response, false, it.rules) : it;
    }

    private static Terms byRfc(Terms terms) {
        return terms.policy().name().equals("rfc9111")
                ? terms
                : Terms.of(Policy.rfc9111(), terms.lifetimes(), terms.ignored(), terms.stores());
    }

    private static Terms ignoring(Terms terms, Ignored what) {
        if (terms.ignored().contains(what)) {
            return terms;
        }
        Set<Ignored> all = new TreeSet<>(terms.ignored());
        all.add(what);
        return Terms.of(terms.policy(), terms.lifetimes(), all, terms.stores());
    }

    private static Case lastingForAll(Case it) {
        Lifetimes plain = lasting(it.rules.forResponse(it.response), false).lifetimes();
        return Freshness.ttlHolds(plain, it.response) ? it : it.ruled(terms -> lasting(terms, true));
    }

    private static Terms lasting(Terms terms, boolean forAll) {
        Lifetimes now = terms.lifetimes();
        Lifetimes longer = new Lifetimes(
                LONG,
                forAll || now.ttlForErrors(),
                forAll || now.ttlForStreams(),
                now.minTtl(),
                now.maxTtl(),
                now.whileRevalidating(),
                now.ifError());
        return Terms.of(terms.policy(), longer, terms.ignored(), terms.stores());
    }

    private static Stream<Idea> ofRequest() {
        Stream<Idea> without = Stream.of("Cookie", "Authorization", "Range", "If-Match", "If-Unmodified-Since")
                .map(field -> new Idea(
                        By.REQUEST,
                        "the request had no " + field,
                        it -> it.with(it.request.headers().without(field))));
        return Stream.concat(
                without,
                Stream.of(
                        new Idea(
                                By.REQUEST,
                                "the request had no Cache-Control",
                                it -> it.with(it.request.headers().without(Set.of("cache-control", "pragma")))),
                        new Idea(
                                By.REQUEST,
                                "the request were a GET without content",
                                it -> it.request.isGet() && !it.request.hasBody()
                                        ? it
                                        : new Case(
                                                new RequestHead("GET", it.request.target(), it.request.headers()),
                                                it.response,
                                                it.bypasses,
                                                it.rules))));
    }
}
