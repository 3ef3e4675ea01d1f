package io.cachingproxy.cli.preview;

import static io.cachingproxy.rules.Rule.rule;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cachingproxy.Answer;
import io.cachingproxy.CacheRequest;
import io.cachingproxy.HttpCache;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.jetty.events.AnsweredRequest;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.policy.Ignored;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.rules.Rule;
import io.cachingproxy.rules.Rules;
import io.cachingproxy.rules.Site;
import io.cachingproxy.rules.Sites;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What another configuration would do with recorded traffic. */
class PreviewTest {
    private static final Sites IN_USE = sites(Rules.NONE);

    private static Sites sites(Rules rules) {
        return Sites.of(Site.everything(Policy.standard(Policy.DEFAULT_TTL), rules));
    }

    private Instant now = Instant.parse("2026-03-04T05:06:07Z");
    private long nanos;
    private final Recorder recorder = new Recorder(() -> now);
    private final HttpCache cache = HttpCache.builder()
            .sites(IN_USE)
            .clock(() -> now)
            .listener(recorder)
            .build();

    /** A request through the cache, as the proxy reports it. */
    private void get(String path, Headers request, Headers response) {
        RequestHead head = new RequestHead("GET", new Target("http", "example.org", path), request);
        CacheRequest asked = cache.resolve(head, null);
        Answer answer = cache.serve(
                        asked,
                        Content.empty(),
                        (forward, body, exchange) -> {
                            exchange.onHead(new ResponseHead(200, response));
                            exchange.onComplete(Headers.EMPTY);
                        },
                        (status, headers) -> {})
                .toCompletableFuture()
                .join();
        answer.content().cancel();
        recorder.onAnswered(new AnsweredRequest(
                null,
                "HTTP/1.1",
                "GET",
                head.target(),
                request,
                asked,
                answer.head().status(),
                answer.status(),
                answer.head().headers(),
                100,
                true,
                0,
                0,
                nanos += 1_000_000_000,
                0,
                null,
                null));
        now = now.plusSeconds(1);
    }

    private JsonNode preview(Rules wanted) {
        return preview(wanted, true);
    }

    private JsonNode preview(Rules wanted, boolean secrets) {
        Redaction redaction = new Redaction(Redaction.DEFAULT);
        return new ObjectMapper().valueToTree(Preview.of(recorder, IN_USE, sites(wanted), secrets, null, redaction));
    }

    /** How many requests the rule bypasses. */
    private int bypassed(Rule rule, boolean secrets) {
        return preview(Rules.of(rule.bypass()), secrets)
                .path("after")
                .path("requests")
                .path("bypass")
                .asInt();
    }

    @Test
    void a_rule_that_may_not_see_secrets_cannot_tell_what_they_are_but_whether_there_are_any() {
        Headers request = Headers.of(
                "Authorization",
                "Bearer s3cr3t",
                "Cookie",
                "sid=s3cr3t; a=b",
                "X-Key",
                "s3cr3t",
                "Accept",
                "text/html");
        get("/a?token=s3cr3t&b=c", request, Headers.of("Cache-Control", "max-age=60", "Set-Cookie", "sid=s3cr3t"));
        List<Function<String, Rule>> rules = List.of(
                glob -> rule("r").header("Authorization", "Bearer " + glob),
                glob -> rule("r").cookie("sid", glob),
                glob -> rule("r").header("Cookie", "*" + glob),
                glob -> rule("r").header("X-Key", glob),
                glob -> rule("r").query("token", glob));
        for (Function<String, Rule> rule : rules) {
            assertThat(bypassed(rule.apply("s3cr3t*"), true)).isEqualTo(1);
            assertThat(bypassed(rule.apply("s3cr3t*"), false)).isZero();
        }
        assertThat(bypassed(rule("r").header("Authorization", "*").header("X-Key", "*"), false))
                .isEqualTo(1);
        assertThat(bypassed(rule("r").cookie("sid", "*").query("token", "*"), false))
                .isEqualTo(1);
        assertThat(bypassed(rule("r").header("Accept", "text/*").query("b", "c"), false))
                .isEqualTo(1);
    }

    @Test
    void responses_that_vary_by_a_secret_vary_by_its_hash() {
        for (String key : List.of("one", "two", "one")) {
            get("/a", Headers.of("X-Key", key), Headers.of("Cache-Control", "max-age=60", "Vary", "X-Key"));
        }
        JsonNode after =
                preview(Rules.of(rule("r").path("/none").bypass()), false).path("after");
        assertThat(after.path("requests").path("hit").asInt()).isEqualTo(1);
    }

    @Test
    void a_rule_with_a_ttl_raises_the_hit_ratio_and_names_what_is_newly_stored_with_warnings() {
        for (int i = 0; i < 10; i++) {
            get("/page", Headers.of("Cookie", "id=secret"), Headers.of("Cache-Control", "no-cache"));
            get("/other", Headers.EMPTY, Headers.of("Cache-Control", "no-store"));
        }
        JsonNode preview = preview(
                Rules.of(rule("pages").path("/page").ttl(Duration.ofMinutes(1)).ignore(Ignored.COOKIE)));
        assertThat(preview.path("recorded").asInt()).isEqualTo(20);
        assertThat(preview.path("share-of-paths").asDouble()).isEqualTo(1);
        assertThat(preview.path("before").path("hit-ratio").path("requests").asDouble())
                .isZero();
        assertThat(preview.path("after").path("hit-ratio").path("requests").asDouble())
                .isEqualTo(0.45);
        assertThat(preview.path("after").path("requests").path("hit").asInt()).isEqualTo(9);
        assertThat(preview.toString()).doesNotContain("secret");
    }

    @Test
    void what_a_rule_stores_anew_is_listed_with_the_reason_and_a_warning() {
        for (int i = 0; i < 3; i++) {
            get("/page?i=" + i, Headers.of("Authorization", "Basic secret"), Headers.of("Cache-Control", "private"));
        }
        JsonNode stored = preview(Rules.of(rule("pages")
                        .path("/page")
                        .ttl(Duration.ofMinutes(1))
                        .ignore(Ignored.PRIVATE, Ignored.AUTHORIZATION)))
                .path("newly-stored");
        assertThat(stored).hasSize(1);
        assertThat(stored.get(0).path("url").asText()).isEqualTo("http://example.org/page");
        assertThat(stored.get(0).path("requests").asInt()).isEqualTo(3);
        assertThat(stored.get(0).path("reason").asText()).isEqualTo("response-private");
        assertThat(stored.get(0).path("warnings").get(0).asText()).isEqualTo("requests have Authorization");
    }

    @Test
    void keys_that_merge_and_split_are_listed_without_secrets() {
        get("/a?token=1&b=1", Headers.EMPTY, Headers.of("Cache-Control", "max-age=60"));
        get("/a?token=1&b=2", Headers.EMPTY, Headers.of("Cache-Control", "max-age=60"));
        JsonNode merged = preview(Rules.of(rule("drop").keyDropsQuery("b"))).path("keys-merged");
        assertThat(merged).hasSize(1);
        assertThat(merged.get(0).path("key").asText()).isEqualTo("http://example.org/a?token=***");
        assertThat(merged.get(0).path("keys")).hasSize(2);
    }

    @Test
    void what_is_no_longer_stored_is_listed() {
        get("/a", Headers.EMPTY, Headers.of("Cache-Control", "max-age=60"));
        get("/a", Headers.EMPTY, Headers.of("Cache-Control", "max-age=60"));
        JsonNode preview = preview(Rules.of(rule("never").path("/a").bypass()));
        assertThat(preview.path("before").path("hit-ratio").path("requests").asDouble())
                .isEqualTo(0.5);
        assertThat(preview.path("after").path("hit-ratio").path("requests").asDouble())
                .isZero();
        assertThat(preview.path("no-longer-stored").get(0).path("url").asText()).isEqualTo("http://example.org/a");
    }

    @Test
    void a_flood_of_paths_is_sampled_by_path_in_bounded_memory() {
        for (int i = 0; i < 20_000; i++) {
            nanos -= 999_999_000; // a microsecond between requests
            get("/" + i % 7_000, Headers.EMPTY, Headers.of("Cache-Control", "max-age=600000"));
        }
        List<Recorded> recorded = recorder.recorded();
        assertThat(recorded).hasSizeBetween(1, Recorder.MOST);
        assertThat(recorder.share()).isLessThan(1);
        JsonNode before = preview(Rules.NONE).path("before");
        assertThat(before.path("hit-ratio").path("requests").asDouble()).isBetween(0.4, 0.8); // 13,000 of 20,000
    }

    @Test
    void nothing_recorded_is_no_error() {
        assertThat(preview(Rules.NONE).path("recorded").asInt()).isZero();
    }
}
