package io.cachingproxy.servlet;

import static io.cachingproxy.testkit.RawClient.request;
import static io.cachingproxy.testkit.Verdicts.assertForwarded;
import static io.cachingproxy.testkit.Verdicts.assertHit;
import static io.cachingproxy.testkit.Verdicts.assertRevalidated;
import static io.cachingproxy.testkit.Verdicts.assertStored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.HttpCache;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import io.cachingproxy.testkit.Front;
import io.cachingproxy.testkit.JettyFront;
import io.cachingproxy.testkit.ManualTime;
import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.Reply;
import io.cachingproxy.testkit.Scenario;
import io.cachingproxy.testkit.ScenarioServlet;
import io.cachingproxy.testkit.TomcatFront;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What the filter keeps of the promises of the proxy, in front of an ordinary servlet in two containers. */
@ParameterizedClass
@EnumSource
class FilterPromisesTest {
    enum Container {
        JETTY,
        TOMCAT
    }

    @Parameter
    Container container;

    private final ManualTime time = new ManualTime();
    private final CountingStore store = new CountingStore(new MemoryStore(1 << 20, 1 << 20), new AtomicInteger());
    private final HttpCache cache = HttpCache.builder().clock(time).store(store).build();
    private ScenarioServlet servlet;
    private Front front;

    /** Tells how often something was looked up. */
    private record CountingStore(CacheStore store, AtomicInteger count) implements CacheStore {
        int lookups() {
            return count.get();
        }

        @Override
        public CompletionStage<List<StoredResponse>> find(CacheKey key) {
            count.incrementAndGet();
            return store.find(key);
        }

        @Override
        public Fill fill(CacheKey key) {
            return store.fill(key);
        }

        @Override
        public CompletionStage<Void> invalidate(CacheKey key) {
            return store.invalidate(key);
        }

        @Override
        public CompletionStage<Confirmation> purge(Purge purge) {
            return store.purge(purge);
        }

        @Override
        public CompletionStage<Void> clear() {
            return store.clear();
        }

        @Override
        public void close() {
            store.close();
        }
    }

    private void start(Scenario scenario) {
        servlet = new ScenarioServlet(scenario);
        CachingFilter filter = new CachingFilter(cache);
        front = container == Container.JETTY ? JettyFront.of(filter, servlet) : TomcatFront.of(filter, servlet);
    }

    @AfterEach
    void stop() {
        front.close();
        cache.close();
    }

    // 3, 4
    @Test
    void what_only_means_the_same_is_stored_apart() {
        start((request, response) -> response.getWriter().print(request.getRequestURI()));
        for (String target : List.of("/ab", "/a%62", "/ab?", "/ab?a&b", "/ab?b&a")) {
            assertThat(assertStored(front.get(target)).text()).isEqualTo(target.replaceAll("[?].*", ""));
            assertHit(front.get(target));
        }
    }

    // 5
    @Test
    void an_answer_to_authorization_is_shared_only_where_the_servlet_permits_it() {
        start((request, response) -> {
            response.setHeader(
                    "Cache-Control", "max-age=60" + request.getRequestURI().substring(1));
            response.getWriter().print("for " + request.getHeader("Authorization"));
        });
        assertForwarded(front.get("/", "Authorization: me"));
        assertThat(assertStored(front.get("/")).text()).isEqualTo("for null");
        assertStored(front.get("/,public", "Authorization: me"));
        assertThat(assertHit(front.get("/,public")).text()).isEqualTo("for me");
    }

    // 7
    @Test
    void words_of_privacy_keep_a_response_out_of_the_cache_however_they_are_misspelled() {
        List<String> spellings = List.of(
                "private",
                "PRIVATE",
                "max-age=60, private=",
                "private=\"x",
                "\"private\"",
                "private;max-age=60",
                "max-age=60 private",
                "no-store=1",
                "No-Store;",
                "no-cache",
                "no-cache=\"");
        start((request, response) -> {
            int spelling = Integer.parseInt(request.getQueryString());
            response.setHeader("Cache-Control", spellings.get(spelling));
            response.getWriter().print("mine");
        });
        for (int i = 0; i < spellings.size(); i++) {
            front.get("/?" + i);
            assertThat(front.get("/?" + i).header("X-Cache"))
                    .as(spellings.get(i))
                    .isEqualTo("MISS");
        }
    }

    // 9
    @Test
    void vary_star_is_not_reused_and_vary_holds_after_a_304_too() {
        start((request, response) -> {
            response.setHeader("Cache-Control", "max-age=10");
            response.setHeader("ETag", "\"1\"");
            response.setHeader("Vary", request.getRequestURI().equals("/star") ? "*" : "X-Side");
            if (request.getHeader("If-None-Match") != null) {
                response.setStatus(304);
            } else {
                response.getWriter().print("side " + request.getHeader("X-Side"));
            }
        });
        front.get("/star");
        assertForwarded(front.get("/star"));
        assertStored(front.get("/", "X-Side: a"));
        time.advance(Duration.ofSeconds(20));
        assertRevalidated(front.get("/", "X-Side: a"));
        assertThat(assertHit(front.get("/", "X-Side: a")).text()).isEqualTo("side a");
        assertThat(front.get("/", "X-Side: b").header("X-Cache")).isNotEqualTo("HIT");
    }

    // 16
    @Test
    void a_get_with_content_is_neither_answered_from_nor_kept_in_the_cache() {
        start((request, response) -> response.getWriter()
                .print("got " + new String(request.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)));
        String get = request("GET", "/", "Content-Length: 4").concat("evil");
        assertThat(assertForwarded(RawClient.ask(front.port(), get)).text()).isEqualTo("got evil");
        assertThat(assertStored(front.get("/")).text()).isEqualTo("got ");
        assertThat(assertForwarded(RawClient.ask(front.port(), get)).text()).isEqualTo("got evil");
        assertThat(assertHit(front.get("/")).text()).isEqualTo("got ");
    }

    // 21
    @Test
    void concurrent_misses_run_the_servlet_once() {
        CountDownLatch go = new CountDownLatch(1);
        start((request, response) -> {
            awaitOn(go);
            response.getWriter().print("answer " + servlet.count());
        });
        try (RawClient leader = front.connect();
                RawClient follower = front.connect()) {
            leader.send(request("GET", "/"));
            await().until(() -> servlet.count() == 1);
            follower.send(request("GET", "/"));
            await().until(() -> store.lookups() == 2);
            go.countDown();
            assertThat(leader.reply().text()).isEqualTo("answer 1");
            assertThat(follower.reply().text()).isEqualTo("answer 1");
        }
        assertThat(servlet.count()).isEqualTo(1);
    }

    // 21
    @Test
    void what_is_private_to_the_first_is_not_shared_with_those_who_waited() {
        CountDownLatch go = new CountDownLatch(1);
        start((request, response) -> {
            int mine = servlet.count();
            awaitOn(go);
            response.setHeader("Cache-Control", "private");
            response.getWriter().print("answer " + mine);
        });
        try (RawClient leader = front.connect();
                RawClient follower = front.connect()) {
            leader.send(request("GET", "/"));
            await().until(() -> servlet.count() == 1);
            follower.send(request("GET", "/"));
            await().until(() -> store.lookups() == 2);
            go.countDown();
            assertThat(leader.reply().text()).isEqualTo("answer 1");
            assertThat(follower.reply().text()).isEqualTo("answer 2");
        }
    }

    private static void awaitOn(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            throw new IOException(stopped);
        }
    }

    // 25
    @Test
    void a_request_that_breaks_off_changes_nothing_that_is_stored() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        start((request, response) -> {
            try {
                request.getInputStream().readAllBytes();
                response.getWriter().print("stored");
            } finally {
                if (request.getMethod().equals("POST")) {
                    over.countDown();
                }
            }
        });
        assertStored(front.get("/"));
        try (RawClient client = front.connect()) {
            client.send(request("POST", "/", "Content-Length: 10") + "abc");
            await().until(() -> servlet.count() == 2);
        }
        over.await();
        assertHit(front.get("/"));
    }

    // 26
    @Test
    void an_error_is_stored_only_with_explicit_freshness() {
        start((request, response) -> {
            response.setStatus(Integer.parseInt(request.getRequestURI().substring(1)));
            if (request.getQueryString() != null) {
                response.setHeader("Cache-Control", "max-age=60");
            }
        });
        for (int status : new int[] {400, 403, 429, 500, 503}) {
            assertForwarded(front.get("/" + status));
            assertForwarded(front.get("/" + status));
        }
        assertStored(front.get("/503?explicit"));
        assertThat(assertHit(front.get("/503?explicit")).status()).isEqualTo(503);
    }

    // 27
    @Test
    void headers_that_a_304_makes_too_many_are_not_kept() {
        start((request, response) -> {
            response.setHeader("Cache-Control", "max-age=10");
            response.setHeader("ETag", "\"1\"");
            for (int i = 0; i < 140; i++) {
                response.setHeader((request.getHeader("If-None-Match") == null ? "X-A" : "X-B") + i, "1");
            }
            if (request.getHeader("If-None-Match") == null) {
                response.getWriter().print("body");
            } else {
                response.setStatus(304);
            }
        });
        assertStored(front.get("/"));
        time.advance(Duration.ofSeconds(20));
        assertThat(front.get("/").status()).isEqualTo(502);
        assertStored(front.get("/"));
    }

    // 36
    @Test
    void cache_status_reveals_no_key() {
        start((request, response) -> response.getWriter().print("body"));
        Reply miss = assertStored(front.get("/secret?token=secret"));
        Reply hit = assertHit(front.get("/secret?token=secret"));
        assertThat(miss.header("Cache-Status")).doesNotContain("key", "secret", "proxy/");
        assertThat(hit.header("Cache-Status")).doesNotContain("key", "secret", "proxy/");
    }

    // 37
    @Test
    void an_encoded_body_is_kept_as_it_was_written() throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write("hello".getBytes(StandardCharsets.US_ASCII));
        }
        start((request, response) -> {
            response.setHeader("Content-Encoding", "gzip");
            response.getOutputStream().write(zipped.toByteArray());
        });
        assertThat(assertStored(front.get("/")).body()).isEqualTo(zipped.toByteArray());
        Reply hit = assertHit(front.get("/"));
        assertThat(hit.body()).isEqualTo(zipped.toByteArray());
        assertThat(hit.header("Content-Encoding")).isEqualTo("gzip");
    }

    // 38
    @Test
    void sixteen_ranges_are_honoured_more_get_the_whole_and_a_part_is_not_taken_for_the_whole() {
        start((request, response) -> {
            if (request.getRequestURI().equals("/part")) {
                response.setStatus(206);
                response.setHeader("Cache-Control", "max-age=60");
                response.setHeader("Content-Range", "bytes 0-1/100");
                response.getWriter().print(request.getHeader("Range") == null ? "no" : "01");
            } else {
                response.getWriter().print("x".repeat(100));
            }
        });
        assertStored(front.get("/"));
        assertThat(assertHit(front.get("/", "Range: " + ranges(16))).status()).isEqualTo(206);
        Reply whole = assertHit(front.get("/", "Range: " + ranges(17)));
        assertThat(whole.status()).isEqualTo(200);
        assertThat(whole.body()).hasSize(100);
        front.get("/part", "Range: bytes=0-1");
        assertThat(front.get("/part").header("X-Cache")).isEqualTo("MISS");
    }

    private static String ranges(int count) {
        StringBuilder ranges = new StringBuilder("bytes=0-0");
        for (int i = 1; i < count; i++) {
            ranges.append(',').append(4 * i).append('-').append(4 * i);
        }
        return ranges.toString();
    }

    // 40
    @Test
    void a_clock_that_goes_back_gives_no_negative_age() {
        start((request, response) -> response.getWriter().print("body"));
        assertStored(front.get("/"));
        time.advance(Duration.ofHours(-1));
        assertThat(assertHit(front.get("/")).header("Age")).isEqualTo("0");
        time.advance(Duration.ofHours(1).plusSeconds(7));
        assertThat(assertHit(front.get("/")).header("Age")).isEqualTo("7");
    }
}
