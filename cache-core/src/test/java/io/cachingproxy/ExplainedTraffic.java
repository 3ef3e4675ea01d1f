package io.cachingproxy;

import static io.cachingproxy.rules.Rule.rule;
import static io.cachingproxy.testkit.Messages.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.Explanation.Result;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Ignored;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.rules.MatchReport;
import io.cachingproxy.rules.Rule;
import io.cachingproxy.rules.Rules;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.ManualClock;
import io.cachingproxy.testkit.Messages.Request;
import io.cachingproxy.testkit.Messages.Response;
import io.cachingproxy.testkit.ScriptedOrigin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Random exchanges with a cache under random rules, each of which is explained before it takes place. */
final class ExplainedTraffic {
    private static final Duration TTL = Duration.ofSeconds(60);
    private static final List<String> PATHS = List.of("/a", "/b?x=1", "/b?x=2", "/a/%2e%2e/b", "/cart/1");
    private static final List<String> METHODS =
            List.of("GET", "GET", "GET", "GET", "GET", "HEAD", "POST", "PUT", "TRACE");
    private static final List<String> OF_REQUEST = List.of(
            "Cookie: a=1",
            "Cookie: a=2",
            "Authorization: Basic eA==",
            "Cache-Control: no-cache",
            "Cache-Control: no-store",
            "Cache-Control: max-age=5",
            "Cache-Control: min-fresh=30",
            "Cache-Control: max-stale",
            "Cache-Control: only-if-cached",
            "Pragma: no-cache",
            "If-None-Match: \"1\"",
            "If-Match: \"1\"",
            "Range: bytes=0-4",
            "Range: bytes=0-9",
            "Accept-Language: de",
            "Accept-Language: en",
            "Via: 1.1 caching-proxy",
            "Upgrade: websocket");
    private static final List<String> OF_RESPONSE = List.of(
            "Cache-Control: max-age=60",
            "Cache-Control: max-age=60",
            "Cache-Control: s-maxage=20",
            "Cache-Control: max-age=10, stale-while-revalidate=30",
            "Cache-Control: max-age=10, stale-if-error=60",
            "Cache-Control: max-age=5, must-revalidate",
            "Cache-Control: no-store",
            "Cache-Control: no-store, must-understand",
            "Cache-Control: no-cache",
            "Cache-Control: private",
            "Cache-Control: public",
            "CDN-Cache-Control: max-age=30",
            "Expires: 0",
            "ETag: \"1\"",
            "ETag: \"2\"",
            "Last-Modified: Mon, 02 Mar 2026 12:00:00 GMT",
            "Set-Cookie: s=1",
            "Vary: Accept-Language",
            "Vary: Cookie",
            "Vary: *",
            "No-Vary-Search: params=(\"x\")",
            "Content-Type: text/event-stream",
            "Content-Type: text/html",
            "Content-Length: 5000",
            "Age: 30");
    private static final List<Integer> STATUSES =
            List.of(200, 200, 200, 200, 200, 200, 203, 204, 206, 301, 302, 304, 404, 500, 503, 299);
    private static final List<Policy> POLICIES = List.of(
            Policy.rfc9111(),
            Policy.standard(TTL),
            Policy.override(TTL),
            Policy.application(),
            Policy.privateCache(),
            Policy.standard(TTL).fetchingWhole());
    private static final List<Rule> RULES = List.of(
            rule("cart").path("/cart/**").bypass(),
            rule("not stored").path("/b").store(false),
            rule("ttl").path("/a").ttl(TTL),
            rule("errors").status("4xx", "5xx").ttl(TTL),
            rule("html").contentType("text/html").defaultTtl(TTL),
            rule("cookies").header("Cookie", "*").ignore(Ignored.COOKIE, Ignored.SET_COOKIE),
            rule("directives").ignore(Ignored.PRIVATE, Ignored.NO_STORE, Ignored.NO_CACHE),
            rule("clients").ignore(Ignored.REQUEST_CACHE_CONTROL),
            rule("vary").query("x", "1").ignore(Ignored.VARY),
            rule("stale").staleWhileRevalidate(TTL).staleIfError(TTL),
            rule("query").keyDropsQuery("x"),
            rule("language").keyHeaders("Accept-Language"),
            rule("moved").path("/b").query("x", "2").redirect("/a", 302),
            rule("short").maxTtl(Duration.ofSeconds(3)),
            rule("long").minTtl(Duration.ofSeconds(30)),
            rule("small").maxObjectBytes(3),
            rule("by policy").method("HEAD").policy(Policy.rfc9111()));

    private final Random random;
    private final ManualClock clock = ManualClock.atNoon();
    private final ScriptedOrigin origin = new ScriptedOrigin();
    private final Log log = new Log();
    private final HttpCache cache;

    ExplainedTraffic(long seed) {
        random = new Random(seed);
        cache = HttpCache.builder()
                .policy(any(POLICIES))
                .rules(rules())
                .clock(clock)
                .maxObjectBytes(1000)
                .executor(Runnable::run)
                .listener(log)
                .build();
    }

    /** What happened to one request. */
    private static final class Log implements CacheListener {
        private @Nullable Decision decision;
        private @Nullable Reason notStored;
        private boolean stored;
        private @Nullable CacheRequest request;

        void clear() {
            decision = null;
            notStored = null;
            stored = false;
            request = null;
        }

        @Override
        public void onDecision(CacheRequest request, Decision made) {
            decision = made;
            this.request = request;
        }

        @Override
        public void onStored(CacheRequest request, StoredResponse response) {
            stored = true;
        }

        @Override
        public void onNotStored(CacheRequest request, Reason why) {
            notStored = why;
        }
    }

    /** Runs the exchanges; fails if an explanation differs from what then happens. */
    void run(int exchanges) {
        try (cache) {
            for (int i = 0; i < exchanges; i++) {
                exchange();
                clock.advance(random.nextInt(25));
            }
        }
    }

    private void exchange() {
        RequestHead head = anyRequest();
        Response response = anyResponse();
        String as = head + " " + head.headers() + " → " + response;
        Explanation explained =
                cache.explain(head, null, response.head()).toCompletableFuture().join();
        log.clear();
        int before = origin.requests();
        origin.answers(response, response.status() == 204 || response.status() == 304 || head.isHead() ? "" : "hello");
        CompletableFuture<Answer> answer =
                cache.serve(head, Content.empty(), origin).toCompletableFuture();
        CacheStatus status = answer.join().status();
        new Client.Received(answer, new StringBuilder()).text();
        compareReuse(explained, status, as);
        if (origin.requests() > before && explained.reuse().result() != Result.COMPLETE) {
            compareStorage(explained, response, as);
        }
    }

    private void compareReuse(Explanation explained, CacheStatus status, String as) {
        Decision made = log.decision;
        Explanation.Verdict reuse = explained.reuse();
        if (made == null) {
            assertThat(reuse.result()).as(as).isEqualTo(Result.ANSWERED);
            return;
        }
        assertThat(reuse.reason()).as(as).isEqualTo(made.reason());
        assertThat(reuse.steps().get(reuse.steps().size() - 1).reason()).as(as).isEqualTo(made.reason());
        Result expected = switch (made.getClass().getSimpleName()) {
            case "Unsatisfiable" -> Result.ANSWERED;
            default -> Result.valueOf(made.getClass().getSimpleName().toUpperCase(Locale.ROOT));
        };
        assertThat(reuse.result()).as(as).isEqualTo(expected);
        if (EnumSet.of(Result.HIT, Result.STALE).contains(reuse.result())) {
            assertThat(status.hit()).as(as).isTrue();
        }
        assertThat(explained.key()).startsWith(log.request.key().method());
    }

    private void compareStorage(Explanation explained, Response response, String as) {
        Explanation.Verdict storage = explained.storage();
        assertThat(storage).as(as).isNotNull();
        Reason last = storage.steps().get(storage.steps().size() - 1).reason();
        assertThat(last).as(as).isEqualTo(storage.reason());
        if (log.notStored != null) {
            assertThat(storage.result()).as(as).isEqualTo(Result.NOT_STORED);
            assertThat(storage.reason()).as(as).isEqualTo(log.notStored);
        } else if (log.stored) {
            assertThat(storage.result()).as(as).isEqualTo(Result.STORED);
            assertThat(storage.changes()).as(as).isEmpty();
        } else if (!outgrows(response)) {
            assertThat(storage.result())
                    .as(as)
                    .isIn(EnumSet.of(Result.VALIDATED, Result.VALIDATED_AND_REMOVED, Result.STALE_INSTEAD));
        }
        CacheRequest request = log.request;
        if (request != null && request.site() != null) {
            assertThat(explained.rules().stream()
                            .filter(rule -> rule.result() == MatchReport.Result.DEPENDS_ON_RESPONSE))
                    .isEmpty();
        }
    }

    /** Whether the body is longer than is stored, which its head does not say. */
    private boolean outgrows(Response response) {
        CacheRequest request = log.request;
        return request != null && request.longestBody(response.head(), 1000) < "hello".length();
    }

    private Rules rules() {
        List<Rule> some = new ArrayList<>();
        for (Rule rule : RULES) {
            if (random.nextInt(6) == 0) {
                some.add(rule);
            }
        }
        return Rules.of(some);
    }

    private RequestHead anyRequest() {
        Request request = request(any(METHODS)).path(any(PATHS));
        for (int i = random.nextInt(3); i > 0; i--) {
            String[] line = any(OF_REQUEST).split(": ", 2);
            request = request.header(line[0], line[1]);
        }
        return request.head();
    }

    private Response anyResponse() {
        int status = any(STATUSES);
        Response response = new Response(status, Headers.EMPTY);
        if (status == 206) {
            response = response.header("Content-Range", "bytes 0-4/10");
        }
        for (int i = random.nextInt(5); i > 0; i--) {
            String[] line = any(OF_RESPONSE).split(": ", 2);
            if (!response.headers().contains(line[0])) {
                response = response.header(line[0], line[1]);
            }
        }
        return response;
    }

    private <T> T any(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }
}
