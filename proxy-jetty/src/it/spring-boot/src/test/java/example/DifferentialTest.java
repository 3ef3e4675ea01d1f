package example;

import static org.assertj.core.api.Assertions.assertThat;

import example.Running.Received;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Each page with and without the filter: status, headers and bytes are equal, on a miss and on a hit. */
class DifferentialTest {
    private static final List<String> PAGES = List.of(
            "/same/text",
            "/same/json",
            "/same/bytes",
            "/same/etag",
            "/same/created",
            "/same/empty",
            "/same/moved",
            "/same/forward",
            "/same/stream",
            "/same/deferred",
            "/same/headers",
            "/same/error",
            "/same/failure",
            "/same/entity",
            "/same/late",
            "/same/patience",
            "/same/resource",
            "/same/much",
            "/same/gone",
            "/same/problem",
            "/same/parameter?number=1",
            "/same/parameter?number=one",
            "/same/produced",
            "/same/written",
            "/same/dispatched",
            "/missing",
            "/",
            "/index.html");

    /** What a cache adds, what belongs to a connection, and what differs each time. */
    private static final Set<String> OTHERS = Set.of(
            "age", "cache-status", "x-cache", "via", "date", "connection", "keep-alive", "transfer-encoding", "content-length");

    @Test
    void pages_are_equal_with_and_without_the_filter() {
        try (Running with = new Running();
                Running without = new Running("caching-proxy.enabled=false")) {
            for (String page : PAGES) {
                Received expected = without.get(page, "Accept", "*/*");
                assertThat(expected.cache()).isEqualTo("none");
                for (String round : List.of("miss", "hit")) {
                    assertEqual(page + " " + round, with.get(page, "Accept", "*/*"), expected);
                }
            }
            for (String page : List.of("/same/text", "/same/bytes", "/same/etag", "/same/headers", "/same/error")) {
                assertEqual(page + " HEAD", with.send("HEAD", page, null), without.send("HEAD", page, null));
            }
            Received validated = with.get("/same/etag", "If-None-Match", "\"a\"");
            assertThat(validated.status()).isEqualTo(304);
        }
    }

    private static void assertEqual(String page, Received actual, Received expected) {
        assertThat(actual.status()).as(page).isEqualTo(expected.status());
        assertThat(headers(actual)).as(page).isEqualTo(headers(expected));
        assertThat(body(actual)).as(page).isEqualTo(body(expected));
    }

    private static Map<String, List<String>> headers(Received received) {
        return received.response().headers().map().entrySet().stream()
                .filter(header -> !OTHERS.contains(header.getKey().toLowerCase()))
                .collect(Collectors.toMap(
                        header -> header.getKey().toLowerCase(), DifferentialTest::values, (a, b) -> a, TreeMap::new));
    }

    /** The values; Location as a client understands it: Tomcat makes it absolute, and the filter does not. */
    private static List<String> values(Map.Entry<String, List<String>> header) {
        return header.getKey().equalsIgnoreCase("location")
                ? header.getValue().stream()
                        .map(location -> URI.create(location).getPath())
                        .toList()
                : header.getValue();
    }

    /** The body; error pages without the time. */
    private static String body(Received received) {
        return received.text().replaceAll("\"timestamp\":\"[^\"]*\"", "\"timestamp\":\"\"");
    }
}
