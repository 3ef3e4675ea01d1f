package io.cachingproxy.cli.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.cli.metrics.TopUrls.By;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.policy.Reason;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopUrlsTest {
    private final TopUrls top = new TopUrls(new Redaction(Redaction.DEFAULT));

    @SuppressWarnings("unchecked")
    private List<Map<String, Object>> urls(By by, int limit) {
        return (List<Map<String, Object>>) top.json(by, limit).get("urls");
    }

    private List<Object> named(By by, int limit) {
        return urls(by, limit).stream().map(row -> row.get("url")).toList();
    }

    @Test
    void urls_are_ordered_by_hits_misses_or_bytes() {
        top.hit("http://a/often", 10);
        top.hit("http://a/often", 10);
        top.hit("http://a/large", 5_000);
        top.miss("http://a/miss", 1, Reason.URI_MISS);
        assertThat(named(By.HITS, 2)).containsExactly("http://a/often", "http://a/large");
        assertThat(named(By.BYTES, 1)).containsExactly("http://a/large");
        assertThat(named(By.MISSES, 9)).containsExactly("http://a/miss");
    }

    @Test
    void urls_that_differ_in_secrets_are_one_without_them() {
        top.miss("http://a/?token=SECRET", 1, Reason.URI_MISS);
        top.miss("http://a/?token=OTHER", 1, Reason.URI_MISS);
        top.miss("http://a/?token=" + "S".repeat(5_000), 1, Reason.URI_MISS);
        assertThat(named(By.MISSES, 9)).containsExactly("http://a/?token=***", "http://a/?token=***…");
    }

    @Test
    void a_hit_stands_for_sixteen() {
        top.hit("http://a/", 10);
        assertThat(urls(By.HITS, 1))
                .containsExactly(Map.of("url", "http://a/", "hits", 16L, "misses", 0L, "bytes", 160L));
    }

    @Test
    void the_reason_is_the_most_frequent_one() {
        top.miss("http://a/", 1, Reason.URI_MISS);
        top.miss("http://a/", 1, Reason.SET_COOKIE);
        top.miss("http://a/", 1, Reason.SET_COOKIE);
        assertThat(urls(By.MISSES, 1))
                .containsExactly(
                        Map.of("url", "http://a/", "hits", 0L, "misses", 3L, "bytes", 3L, "reason", "set-cookie"));
    }

    @Test
    void hits_are_counted_of_a_url_with_misses() {
        top.miss("http://a/", 1, Reason.STALE);
        top.hit("http://a/", 1);
        assertThat(urls(By.MISSES, 1).get(0)).containsEntry("hits", 16L);
    }

    @Test
    void a_flood_of_a_million_urls_neither_grows_the_counters_nor_hides_the_most_frequent_url() {
        for (int i = 0; i < 1_000_000; i++) {
            top.miss("http://a/" + i, 1, Reason.URI_MISS);
            top.hit("http://a/" + i, 1);
            if (i % 200 == 0) {
                top.hit("http://a/often", 1_000);
                top.miss("http://a/never-stored", 1_000, Reason.SET_COOKIE);
            }
        }
        assertThat(top.size()).isEqualTo(3_000);
        assertThat(named(By.HITS, 1)).containsExactly("http://a/often");
        assertThat(named(By.MISSES, 1)).containsExactly("http://a/never-stored");
        assertThat(urls(By.MISSES, 1).get(0)).containsEntry("reason", "set-cookie");
        assertThat((Long) urls(By.MISSES, 1).get(0).get("misses")).isBetween(4_000L, 5_000L);
    }

    @Test
    void long_urls_are_cut() {
        top.miss("http://a/" + "x".repeat(100_000), 1, null);
        assertThat(named(By.MISSES, 1).get(0).toString()).hasSize(1_025).endsWith("…");
    }
}
