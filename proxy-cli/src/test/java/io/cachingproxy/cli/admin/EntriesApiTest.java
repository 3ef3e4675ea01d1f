package io.cachingproxy.cli.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.key.Selection;
import io.cachingproxy.store.Purge;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** GET /api/entries, on a real listener. */
class EntriesApiTest {
    private static final Pattern URL = Pattern.compile("\"url\":\"([^\"]+)\"");
    private static final Pattern ID = Pattern.compile("\"id\":\"([^\"]+)\"");
    private static final Pattern NEXT = Pattern.compile("\"next\":\"([^\"]+)\"");

    private AdminScene scene;

    @BeforeEach
    void start() throws IOException {
        scene = new AdminScene(
                (purging, store) -> new EntriesApi(
                        store, purging, Optional.empty(), new Redaction(Redaction.DEFAULT), AdminScene.CLOCK),
                Optional.empty());
    }

    @AfterEach
    void stop() {
        scene.close();
    }

    private String get(String path) throws IOException {
        return scene.send("GET /api/entries" + path, "");
    }

    private static List<String> all(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(found -> found.group(1)).toList();
    }

    @Test
    void nothing_is_listed_of_an_empty_cache() throws IOException {
        assertThat(get("")).startsWith("HTTP/1.1 200").contains("{\"entries\":[],\"listed\":\"all\"}");
    }

    @Test
    void an_entry_has_what_is_known_of_each_variant() throws IOException {
        scene.stored(
                "/a?b=c",
                "news front",
                Selection.of(Headers.of("Vary", "Accept-Encoding, X-None"), Headers.of("Accept-Encoding", "gzip")));
        String listed = get("");
        assertThat(listed)
                .contains("\"method\":\"GET\",\"url\":\"http://origin.example:8080/api/a?b=c\",\"variants\":["
                        + "{\"status\":200,\"bytes\":0,\"age\":10,\"fresh\":true,\"ttl\":3590,"
                        + "\"stored-at\":\"2026-01-01T12:00:00Z\","
                        + "\"vary\":{\"accept-encoding\":\"gzip\",\"x-none\":\"\"},"
                        + "\"tags\":[\"front\",\"news\"]}]}");
        String one = get("/" + all(ID, listed).get(0));
        assertThat(one).startsWith("HTTP/1.1 200").contains("\"url\":\"http://origin.example:8080/api/a?b=c\"");
    }

    @Test
    void credentials_that_select_a_variant_are_not_shown() throws IOException {
        Headers request = Headers.of("Authorization", "Bearer secret", "Cookie", "id=secret", "X-Api-Key", "secret");
        scene.stored("/a", "t", Selection.of(Headers.of("Vary", "Authorization, Cookie, X-Api-Key"), request));
        assertThat(get(""))
                .contains("\"vary\":{\"authorization\":\"present\",\"cookie\":\"present\",\"x-api-key\":\"present\"}")
                .doesNotContain("secret");
    }

    @Test
    void secrets_in_urls_are_neither_shown_nor_searched_and_their_entries_are_purged_by_id() throws IOException {
        String shown = "http://origin.example:8080/api/a?token=***&b=c";
        scene.stored(
                "/a?token=SECRET&b=c",
                "t",
                Selection.of(
                        Headers.of("Vary", "Referer"),
                        Headers.of("Referer", "http://u:SECRET@a.example/?token=SECRET")));
        String listed = get("");
        assertThat(all(URL, listed)).containsExactly(shown);
        assertThat(all(URL, get("?q=token=SEC"))).isEmpty();
        assertThat(all(URL, get("?q=a%3Ftoken=***%26b"))).containsExactly(shown);
        String id = all(ID, listed).get(0);
        String one = get("/" + id);
        assertThat(listed + one).contains(shown).doesNotContain("SECRET");
        assertThat(scene.send("DELETE /api/entries/" + id, ""))
                .startsWith("HTTP/1.1 200")
                .contains("{\"purged\":\"" + shown + "\",");
        assertThat(scene.found("/a?token=SECRET&b=c")).isEmpty();
    }

    @Test
    void what_clients_and_origins_send_is_cut_and_counted() throws IOException {
        for (int i = 0; i < 25; i++) {
            Headers request = Headers.of("Accept-Language", i + "\"".repeat(9_000));
            scene.stored(
                    "/" + "a".repeat(9_000), tags(60), Selection.of(Headers.of("Vary", "Accept-Language"), request));
        }
        String listed = get("");
        assertThat(all(URL, listed)).containsExactly("http://origin.example:8080/api/" + "a".repeat(2_017) + "…");
        assertThat(listed).contains("\"omitted\":5}").hasSizeLessThan(40_000);
        assertThat(listed.split("\"vary\"")).hasSize(21);
        assertThat(listed).contains("\\\"…\"}");
        assertThat(listed.substring(listed.indexOf("\"tags\":["), listed.indexOf("]"))
                        .split(","))
                .hasSize(50);
    }

    private static String tags(int number) {
        return IntStream.range(0, number).mapToObj(i -> "tag" + i).collect(Collectors.joining(" "));
    }

    @Test
    void a_page_of_long_entries_ends_early_and_the_next_one_continues() throws IOException {
        for (int path = 0; path < 40; path++) {
            for (int i = 0; i < 20; i++) {
                Headers request = Headers.of("Accept-Language", i + "\"".repeat(200));
                String tags = tags(60).replace("tag", "t".repeat(40));
                scene.stored("/" + path, tags, Selection.of(Headers.of("Vary", "Accept-Language"), request));
            }
        }
        Set<String> urls = new HashSet<>();
        String after = "";
        do {
            String page = get("?limit=200" + after);
            assertThat(page).hasSizeLessThan(1_100_000);
            urls.addAll(all(URL, page));
            Matcher next = NEXT.matcher(page);
            after = next.find() ? "&after=" + next.group(1) : "";
        } while (!after.isEmpty());
        assertThat(urls).hasSize(40);
    }

    @Test
    void pages_have_every_entry_once_although_others_come_and_go() throws IOException {
        for (int i = 0; i < 25; i++) {
            scene.stored("/p" + i, "t");
        }
        List<String> urls = new ArrayList<>();
        String after = "";
        int pages = 0;
        do {
            String page = get("?limit=4" + after);
            urls.addAll(all(URL, page));
            Matcher next = NEXT.matcher(page);
            after = next.find() ? "&after=" + next.group(1) : "";
            scene.stored("/late" + pages++, "t");
        } while (!after.isEmpty());
        assertThat(urls).doesNotHaveDuplicates().hasSizeGreaterThanOrEqualTo(25);
        Set<String> early = new HashSet<>(urls);
        early.removeIf(url -> url.contains("/late"));
        assertThat(early).hasSize(25);
    }

    @Test
    void the_search_is_for_a_part_of_the_url() throws IOException {
        scene.stored("/docs/x", "t");
        scene.stored("/docs/y?z=1", "t");
        scene.stored("/other", "t");
        assertThat(all(URL, get("?q=/docs/"))).hasSize(2);
        assertThat(all(URL, get("?q=%3Fz%3D1"))).containsExactly("http://origin.example:8080/api/docs/y?z=1");
        assertThat(all(URL, get("?q=docs&limit=2"))).hasSize(2);
        assertThat(get("?q=docs&limit=2")).doesNotContain("\"next\"");
    }

    @Test
    void what_was_purged_is_not_listed() throws IOException {
        scene.stored("/a", "t");
        String id = all(ID, get("")).get(0);
        scene.store.purge(Purge.hard(new Purge.Scope.Tag("t")));
        assertThat(all(URL, get(""))).isEmpty();
        assertThat(get("/" + id)).startsWith("HTTP/1.1 404");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?limit=0",
                "?limit=201",
                "?limit=x",
                "?limit=-1",
                "?after=x",
                "?size=5",
                "?store=redis",
                "?store=x"
            })
    void a_wrong_query_is_told_in_one_line(String query) throws IOException {
        assertThat(get(query)).startsWith("HTTP/1.1 400");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/x", "/0123456789012345678901234567890123456789", "/%2e%2e"})
    void an_unknown_entry_is_404(String id) throws IOException {
        assertThat(get(id)).startsWith("HTTP/1.1 40").doesNotContain("\"url\"");
    }

    @Test
    void an_entry_is_purged_by_its_id() throws IOException {
        scene.stored("/a", "news");
        scene.stored("/b", "news");
        String id = all(ID, get("?q=/a")).get(0);
        assertThat(scene.send("DELETE /api/entries/" + id, ""))
                .startsWith("HTTP/1.1 200")
                .contains("{\"purged\":\"http://origin.example:8080/api/a\",\"soft\":false,\"confirmed\":true}");
        assertThat(scene.found("/a")).isEmpty();
        assertThat(scene.found("/b")).hasSize(1);
        assertThat(scene.send("DELETE /api/entries/" + id, "")).startsWith("HTTP/1.1 404");
    }

    @Test
    void an_entry_becomes_stale_by_a_soft_purge() throws IOException {
        scene.stored("/a", "news");
        String id = all(ID, get("")).get(0);
        assertThat(scene.send("DELETE /api/entries/" + id + "?soft", "")).startsWith("HTTP/1.1 200");
        assertThat(get("/" + id)).contains("\"fresh\":false");
    }
}
