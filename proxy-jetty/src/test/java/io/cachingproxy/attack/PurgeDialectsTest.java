package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.http.Target;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Purge requests of existing clients. Each conversation in {@code purge-conversations.txt} begins with three pages in
 * the cache, and names those that it removes or makes stale.
 */
class PurgeDialectsTest extends Attack {
    private static final List<String> PAGES = List.of("/one", "/two?q=1", "/news/three");

    @Override
    ProxyServer.Builder configured(ProxyServer.Builder builder) {
        return builder.purgeFrom(AddressRanges.parse("127.0.0.0/8"));
    }

    /** A request, and what is expected of it. */
    private record Conversation(String title, String request, String status, String body, String gone, String stale) {
        static Conversation of(String text) {
            List<String> lines = text.strip().lines().toList();
            int blank = lines.indexOf("");
            List<String> expected = lines.subList(blank + 1, lines.size());
            return new Conversation(
                    lines.get(0).substring(2),
                    String.join("\r\n", lines.subList(1, blank)) + "\r\n\r\n",
                    value(expected, "status"),
                    value(expected, "body"),
                    value(expected, "gone"),
                    value(expected, "stale"));
        }

        private static String value(List<String> lines, String name) {
            return lines.stream()
                    .filter(line -> line.startsWith(name + ": "))
                    .map(line -> line.substring(name.length() + 2))
                    .findFirst()
                    .orElse("");
        }
    }

    @TestFactory
    Stream<DynamicTest> existing_clients_work_unchanged() throws IOException {
        try (InputStream file = PurgeDialectsTest.class.getResourceAsStream("purge-conversations.txt")) {
            String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            return Stream.of(text.split("\n---\n"))
                    .map(Conversation::of)
                    .map(it -> DynamicTest.dynamicTest(it.title(), () -> assertHeld(it)));
        }
    }

    private void assertHeld(Conversation conversation) throws IOException {
        store.clear();
        fill();
        int requests = origin.asked().size();
        Message answer = ask(conversation.request());
        assertThat(answer.status() + " " + answer.body()).startsWith(conversation.status());
        assertThat(String.valueOf(answer.body())).contains(conversation.body());
        assertThat(answer.field("Cache-Control")).isEqualTo("no-store");
        assertThat(pages(false)).as("gone").isEqualTo(conversation.gone());
        assertThat(pages(true)).as("stale").isEqualTo(conversation.stale());
        assertThat(origin.asked()).as("the origin saw nothing of it").hasSize(requests);
    }

    private void fill() throws IOException {
        page("/one", "a cat_p_1 node:1 /books/1");
        page("/two", "b cat_p_2 node:2 /books/2");
        page("/news/three", "c cat_p_12 node:12 x/books/1");
        for (String path : PAGES) {
            victim(path);
        }
        assertThat(pages(false)).isEmpty();
    }

    private void page(String path, String tags) {
        origin.on(path, RecordingOrigin.ok("page", "Surrogate-Key: " + tags, "Cache-Control: max-age=60"));
    }

    private String pages(boolean stale) {
        List<String> pages = new ArrayList<>();
        for (String path : PAGES) {
            List<StoredResponse> found = store.findHere(
                    CacheKey.ofGet(new Target("http", origin.uri().getAuthority(), path)));
            if (found.isEmpty() ? !stale : stale && !found.get(0).isFresh(clock.instant())) {
                pages.add(path);
            }
        }
        return String.join(" ", pages);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Cache-Tags: (a",
                "X-Cache-Tags: a",
                "X-Cache-Tags: (^|,)a.*(,|$)",
                "X-Cache-Tags: (^|,)[ab](,|$)",
                "X-Cache-Tags: (^|,)\\w(,|$)",
                "X-Cache-Tags: (^|,)a+(,|$)",
                "X-Cache-Tags: (^|,)(,|$)",
                "X-Cache-Tags: (^|,)a)(,|$)",
                "X-Cache-Tags: (a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)"
                        + "(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(,|$)",
                "X-Url: .*png$",
                "X-Url: /one",
                "X-Url: ^/(one|two)$",
                "X-Url: ^/one.html$",
                "X-Url: ^/one\r\nX-Content-Type: text/html",
                "X-Url: ^/one\r\nX-Cache-Tags: (^|,)a(,|$)",
                "X-Host: example.com",
                "X-Host: ^(proxy|)$",
                "X-Host: ^(proxy$",
                "X-Host: ^proxy)$",
                "X-Host: ^proxy|proxy$",
                "X-Host: ^(proxy|proxy$",
                "X-Host: ^((proxy)$",
                "X-Host: ^[proxy]$",
                "X-Host: ^\\w$",
                "X-Cache-Tag: (^|,)a(,|$)",
                "Cache-Tag: a",
                "X-Magento-Tags-Pattern: ((^|,)a(,|$))",
                "X-Url: ^/one\r\nX-Purge-Regex: x",
                "Fastly-Soft-Purge: 1",
                "Cache-Tags: ",
                "Cache-Tags: a.*",
                "X-Url: ^/one\r\nX-Url: ^/two"
            })
    void a_ban_that_cannot_be_translated_exactly_purges_nothing(String fields) throws IOException {
        fill();
        Message answer = ask(request("BAN", "/", fields));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).startsWith("Nothing purged: ").hasLineCount(1);
        assertThat(pages(false) + pages(true)).isEmpty();
    }

    @Test
    void a_ban_with_an_unknown_field_names_it() throws IOException {
        assertThat(ask(request("BAN", "/", "User-Agent: x", "X-Cache-Tag: a")).body())
                .contains("X-Cache-Tag");
    }

    @Test
    void a_ban_with_fields_that_clients_and_proxies_add_purges_the_site() throws IOException {
        fill();
        Message answer = ask(request(
                "BAN",
                "/",
                "User-Agent: x",
                "X-Forwarded-For: 192.0.2.1",
                "CF-Ray: 1",
                "traceparent: 00-1",
                "Accept: */*"));
        assertThat(answer.status()).isEqualTo(204);
        assertThat(pages(false)).isEqualTo("/one /two?q=1 /news/three");
    }

    @Test
    void a_deeply_nested_tag_pattern_is_refused() throws IOException {
        assertThat(ask(request("BAN", "/", "X-Cache-Tags: " + "(".repeat(3000) + "a" + ")".repeat(3000) + "(,|$)"))
                        .status())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PURGE /news/t.*ee|X-Purge-Method: regex",
                "PURGE /news/three|X-Purge-Method: regex",
                "PURGE /one|X-Purge-Method: sometimes",
                "PURGE /souin-api/souin|X: y",
                "PURGE /souin-api/souin?path=.+|X: y",
                "PURGE /|X-Magento-Tags-Pattern: *",
                "PURGE /|Surrogate-Key: ",
                "PURGEKEYS /|X: y",
                "PURGETAGS /|X: y",
                "BAN /one|X: y"
            })
    void a_purge_that_cannot_be_translated_exactly_purges_nothing(String sent) throws IOException {
        fill();
        String[] parts = sent.split("[ |]", 3);
        assertThat(ask(request(parts[0], parts[1], parts[2])).status()).isEqualTo(400);
        assertThat(pages(false) + pages(true)).isEmpty();
    }
}
