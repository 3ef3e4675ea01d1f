package io.cachingproxy.cli.preview;

import static io.cachingproxy.rules.Rule.rule;
import static io.cachingproxy.rules.Site.site;
import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cachingproxy.HttpCache;
import io.cachingproxy.policy.Ignored;
import io.cachingproxy.rules.Rule;
import io.cachingproxy.rules.Sites;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.ManualClock;
import io.cachingproxy.testkit.Messages.Request;
import io.cachingproxy.testkit.Messages.Response;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The advice about the cache key, from the bodies of responses. */
class KeyAdviceTest {
    private static final Response MINUTE = response(200).cacheControl("max-age=60");
    private static final Response PRIVATE = response(200).cacheControl("private");

    private final ManualClock clock = ManualClock.atNoon();
    private final Recorder recorder = new Recorder(clock);
    private final Client client = new Client(HttpCache.builder()
            .clock(clock)
            .listener(recorder)
            .sites(Sites.of(site("shop", "example.org").withShadow()))
            .executor(Runnable::run)
            .build());

    private void use(Rule... rules) {
        client.cache().sites(Sites.of(site("shop", "example.org").rules(rules).withShadow()));
    }

    private void send(Request request, Response response, String body) {
        client.send(request, response, body).text();
    }

    private static Request cookie(String path, String cookie) {
        return get(path).header("Cookie", cookie);
    }

    private SiteAdvice advice() {
        return KeyAdvice.of(recorder.samples()).site("shop");
    }

    private List<String> rules() {
        return advice().advice().stream().map(it -> it.rule().yaml()).toList();
    }

    private List<String> warned() {
        return advice().warnings().stream().map(KeyWarning::input).toList();
    }

    @Test
    void tracking_parameters_that_never_changed_a_body_are_left_out_of_the_key() {
        for (int i = 0; i < 8; i++) {
            send(get("/a?page=1&utm_source=s" + i + "&utm_medium=m" + i % 7), MINUTE, "one");
            send(get("/a?page=2&gclid=g" + i), MINUTE, "two");
        }
        assertThat(rules()).containsExactly("""
                - name: "tracking parameters"
                  key: {query: {drop: ["utm_*", "gclid"]}}
                """);
        assertThat(warned()).isEmpty();
    }

    @Test
    void another_parameter_without_effect_is_left_out_where_it_occurred() {
        for (int i = 0; i < 8; i++) {
            send(get("/list?sort=" + i + "&page=" + i % 2), MINUTE, "page " + i % 2);
            send(get("/other?page=" + i % 2), MINUTE, "page " + i % 2);
        }
        assertThat(rules()).containsExactly("""
                - name: "parameters without effect at /list"
                  match: {path: ["/list"]}
                  key: {query: {drop: ["sort"]}}
                """);
    }

    @Test
    void a_parameter_that_has_an_effect_at_one_path_is_left_out_only_at_paths_with_enough_comparisons() {
        for (int i = 0; i < 8; i++) {
            send(get("/a?ref=" + i), MINUTE, "one");
            send(get("/b?ref=" + i % 2), MINUTE, "two " + i % 2);
            if (i < 3) {
                send(get("/c?ref=" + i), MINUTE, "three");
            }
        }
        assertThat(rules()).singleElement().asString().contains("match: {path: [\"/a\"]}", "drop: [\"ref\"]");
    }

    @Test
    void fewer_than_five_comparisons_or_three_values_are_no_evidence() {
        for (int i = 0; i < 5; i++) {
            send(get("/a?utm_source=" + i), MINUTE, "one"); // four comparisons
            send(get("/b" + i + "?utm_medium=0"), MINUTE, "one");
            send(get("/b" + i + "?utm_medium=1"), MINUTE, "one"); // five comparisons of two values
        }
        assertThat(rules()).isEmpty();
    }

    @Test
    void the_parameters_that_a_rule_leaves_out_already_are_repeated_with_a_note() {
        use(rule("old").keyDropsQuery("sid"));
        for (int i = 0; i < 8; i++) {
            send(get("/a?sid=" + i + "&utm_source=" + i), MINUTE, "one");
        }
        Advice only = advice().advice().get(0);
        assertThat(only.rule().drop()).containsExactly("sid", "utm_source");
        assertThat(only.note()).startsWith("Rule old sets key.query");
    }

    @Test
    void session_cookies_without_effect_are_ignored_and_the_cookie_with_one_is_in_the_key() {
        Response varies = MINUTE.header("Vary", "Cookie");
        for (int i = 0; i < 12; i++) {
            String language = i % 2 == 0 ? "de" : "en";
            send(cookie("/page", "session=s" + i + "; lang=" + language), varies, "text " + language);
        }
        assertThat(rules()).containsExactly("""
                - name: "key of /page"
                  match: {path: ["/page"]}
                  ignore: [cookie]
                  key: {cookies: ["lang"]}
                """);
        assertThat(warned()).isEmpty();
    }

    @Test
    void paths_of_a_folder_with_the_same_key_share_a_rule() {
        for (int i = 0; i < 12; i++) {
            for (String path : List.of("/p/1", "/p/2", "/p/3")) {
                send(cookie(path, "session=s" + i), response(200), path);
            }
        }
        assertThat(rules()).singleElement().asString().contains("path: [\"/p/*\"]", "ignore: [cookie]");
    }

    @Test
    void a_cookie_that_changes_the_body_and_is_not_in_the_key_is_warned_of() {
        for (int i = 0; i < 12; i++) {
            send(cookie("/page", "lang=" + i % 3), MINUTE, "text " + i % 3);
            send(cookie("/private", "lang=" + i % 3), PRIVATE, "text " + i % 3);
        }
        assertThat(rules()).isEmpty();
        KeyWarning warning = advice().warnings().get(0);
        assertThat(advice().warnings()).hasSize(1);
        assertThat(warning.input()).isEqualTo("cookie lang");
        assertThat(warning.paths()).containsExactly("/page");
        assertThat(warning.values()).isEqualTo(3);
        assertThat(warning.rule().yaml()).isEqualTo("""
                - name: "key of /page"
                  match: {path: ["/page"]}
                  key: {cookies: ["lang"]}
                """);
    }

    @Test
    void an_input_that_a_rule_has_put_into_the_key_is_not_warned_of() {
        use(rule("languages").keyCookies("lang").keyHeaders("Accept-Language"));
        for (int i = 0; i < 12; i++) {
            send(
                    cookie("/page", "lang=" + i % 2).header("Accept-Language", "l" + i % 3),
                    MINUTE,
                    "text " + i % 2 + i % 3);
        }
        assertThat(warned()).isEmpty();
    }

    @Test
    void a_parameter_with_an_effect_that_a_rule_leaves_out_is_warned_of() {
        use(rule("old").keyDropsQuery("page"));
        for (int i = 0; i < 12; i++) {
            send(get("/list?page=" + i % 2), MINUTE, "page " + i % 2);
        }
        assertThat(advice().warnings().get(0).text())
                .isEqualTo("The body changes with the parameter \"page\", which key.query leaves out: keep it");
    }

    @Test
    void responses_to_authorization_that_differ_are_to_bypass_the_cache() {
        use(rule("shared").ttl(Duration.ofMinutes(1)).ignore(Ignored.AUTHORIZATION));
        for (int i = 0; i < 12; i++) {
            send(get("/me").header("Authorization", "Basic " + i % 3), response(200), "user " + i % 3);
        }
        assertThat(advice().warnings().get(0).rule().yaml()).isEqualTo("""
                - name: "key of /me"
                  match: {path: ["/me"]}
                  bypass: true
                """);
    }

    @Test
    void a_member_of_vary_without_effect_is_replaced_by_the_others_in_the_key() {
        use(rule("shared").ignore(Ignored.SET_COOKIE));
        Response varies = MINUTE.header("Vary", "User-Agent, Accept-Language, Accept-Encoding");
        for (int i = 0; i < 12; i++) {
            Request request = get("/page").header("User-Agent", "browser " + i).header("Accept-Language", "l" + i % 2);
            send(request.header("Accept-Encoding", "gzip"), varies, "text " + i % 2);
        }
        assertThat(rules()).containsExactly("""
                - name: "key of /page"
                  match: {path: ["/page"]}
                  ignore: [set-cookie, vary]
                  key: {headers: ["accept-encoding", "accept-language"]}
                """);
    }

    @Test
    void a_path_whose_body_changes_by_itself_is_listed_and_no_evidence() {
        for (int i = 0; i < 12; i++) {
            send(get("/random?utm_source=1"), MINUTE, "text " + i);
            send(get("/random?utm_source=" + i), MINUTE, "text " + i);
        }
        assertThat(rules()).isEmpty();
        assertThat(warned()).isEmpty();
        assertThat(advice().json().get("changing")).isEqualTo(List.of("/random"));
    }

    @Test
    void values_that_do_not_repeat_are_neither_a_warning_nor_evidence() {
        for (int i = 0; i < 12; i++) {
            send(cookie("/page?utm_source=" + i, "session=s" + i), MINUTE.header("Vary", "Cookie"), "text " + i);
        }
        assertThat(rules()).isEmpty();
        assertThat(warned()).isEmpty();
        assertThat(advice().json().get("unclear")).isEqualTo(List.of("/page"));
    }

    @Test
    void names_with_a_meaning_in_globs_or_yaml_are_never_in_a_rule() {
        for (int i = 0; i < 12; i++) {
            send(get("/a?a%2A=" + i + "&b%24%7BHOME%7D=" + i + "&%22c=" + i), MINUTE, "one");
        }
        assertThat(rules()).singleElement().asString().contains("drop: [\"\\\"c\"]");
    }

    @Test
    void neither_the_advice_nor_the_samples_have_values() throws Exception {
        for (int i = 0; i < 12; i++) {
            send(
                    cookie("/page?utm_source=secret" + i, "session=secret" + i + "; lang=secret" + i % 2)
                            .header("Authorization", "Basic secret"),
                    MINUTE,
                    "text " + i % 2);
        }
        String json = new ObjectMapper().writeValueAsString(KeyAdvice.of(recorder));
        assertThat(json).contains("utm_source", "cookie lang").doesNotContain("secret");
        assertThat(recorder.samples().toString()).doesNotContain("secret");
    }

    @Test
    void no_advice_leaves_out_an_input_that_determines_the_body() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            Recorder own = new Recorder(clock);
            Client random1 = new Client(HttpCache.builder()
                    .clock(clock)
                    .listener(own)
                    .sites(Sites.of(site("shop", "example.org").withShadow()))
                    .executor(Runnable::run)
                    .build());
            int requests = 5 + random.nextInt(60);
            int values = 2 + random.nextInt(4);
            for (int i = 0; i < requests; i++) {
                int id = random.nextInt(values);
                int language = random.nextInt(values);
                Request request = cookie(
                                "/p" + random.nextInt(2) + "?id=" + id + "&utm_source=" + random.nextInt(values)
                                        + "&sort=" + random.nextInt(values),
                                "lang=" + language + "; session=" + random.nextInt(50))
                        .header("Accept-Language", "l" + random.nextInt(2));
                random1.send(request, MINUTE.header("Vary", "Cookie, Accept-Language"), id + "," + language)
                        .text();
            }
            for (Advice advice : KeyAdvice.of(own.samples()).site("shop").advice()) {
                assertThat(advice.rule().drop()).as("seed " + seed).doesNotContain("id");
                if (advice.rule().ignore().contains("cookie")) {
                    assertThat(advice.rule().cookies()).as("seed " + seed).contains("lang");
                }
            }
        }
    }

    @Test
    void four_thousand_responses_with_many_inputs_are_compared_in_bounded_time_and_memory() {
        StringBuilder cookies = new StringBuilder();
        for (int i = 0; i < 5_000; i++) {
            cookies.setLength(0);
            for (int j = 0; j < 10; j++) {
                cookies.append("c").append(j).append('=').append(i % (j + 2)).append("; ");
            }
            send(
                    cookie("/page" + i % 200 + "?utm_source=" + i + "&a=" + i % 3, cookies + "session=" + i),
                    MINUTE.header("Vary", "Cookie"),
                    "text " + i % 3);
        }
        List<Sample> samples = recorder.samples();
        assertThat(samples).hasSizeLessThanOrEqualTo(Recorder.MOST);
        assertThat(samples.stream().mapToInt(it -> it.inputs().size()).sum()).isLessThanOrEqualTo(40_000);
        KeyAdvice.of(samples);
        long begin = System.nanoTime();
        assertThat(KeyAdvice.of(samples).site("shop").advice()).isNotEmpty();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
    }
}
