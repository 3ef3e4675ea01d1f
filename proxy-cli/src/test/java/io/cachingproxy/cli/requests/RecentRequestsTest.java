package io.cachingproxy.cli.requests;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.Target;
import io.cachingproxy.jetty.events.AnsweredRequest;
import io.cachingproxy.jetty.events.Redaction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The recent requests of the admin API. */
class RecentRequestsTest {
    private final RecentRequests recent =
            new RecentRequests(new Redaction(Redaction.DEFAULT), () -> Instant.parse("2026-03-04T05:06:07Z"));

    private static AnsweredRequest request(String path) {
        return new AnsweredRequest(
                null,
                "HTTP/1.1",
                "GET",
                new Target("http", "example.org", path),
                Headers.of("Cookie", "id=secret"),
                null,
                200,
                null,
                Headers.of("Set-Cookie", "id=secret", "Age", "7"),
                1,
                true,
                0,
                0,
                0,
                0,
                null,
                null);
    }

    @Test
    void the_newest_come_first_and_the_oldest_are_forgotten() {
        for (int i = 0; i < RecentRequests.KEPT + 10; i++) {
            recent.onAnswered(request("/" + i));
        }
        List<Map<String, Object>> all = recent.last(5_000);
        assertThat(all).hasSize(RecentRequests.KEPT);
        assertThat(all.get(0)).containsEntry("id", RecentRequests.KEPT + 9L);
        assertThat(all.get(RecentRequests.KEPT - 1)).containsEntry("url", "http://example.org/10");
        assertThat(recent.last(3)).hasSize(3);
    }

    @Test
    void a_request_is_recorded_without_its_secrets_and_with_a_bounded_URL() {
        recent.onAnswered(request("/?token=secret"));
        recent.onAnswered(request("/" + "a".repeat(100_000)));
        assertThat(recent.last(2).toString())
                .doesNotContain("secret")
                .contains("token=***", "age=7")
                .hasSizeLessThan(2_000);
    }

    @Test
    void a_follower_receives_requests_until_it_ends() {
        List<Map<String, Object>> received = new ArrayList<>();
        Consumer<Map<String, Object>> follower = received::add;
        recent.onAnswered(request("/before"));
        recent.follow(follower);
        recent.onAnswered(request("/a"));
        recent.unfollow(follower);
        recent.onAnswered(request("/after"));
        assertThat(received).hasSize(1);
        assertThat(received.get(0)).containsEntry("url", "http://example.org/a");
    }
}
