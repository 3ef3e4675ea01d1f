package io.cachingproxy.cli.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.cli.metrics.History;
import io.cachingproxy.cli.metrics.ServerChanges;
import io.cachingproxy.cli.metrics.TopUrls;
import io.cachingproxy.jetty.events.Redaction;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** GET /api/history and /api/top, on a real listener. */
class TrafficApiTest {
    private final History history = new History(AdminScene.CLOCK);
    private AdminScene scene;

    @BeforeEach
    void start() throws IOException {
        scene = new AdminScene(
                (purging, store) -> new TrafficApi(
                        history, new TopUrls(new Redaction(Redaction.DEFAULT)), new ServerChanges(AdminScene.CLOCK)),
                Optional.empty());
    }

    @AfterEach
    void stop() {
        scene.close();
    }

    @Test
    void the_history_has_a_step_a_time_and_series() throws IOException {
        assertThat(scene.send("GET /api/history?minutes=15", ""))
                .startsWith("HTTP/1.1 200")
                .contains(
                        "Content-Type: application/json",
                        "{\"step\":10,\"from\":\"2026-01-01T12:00:10Z\",\"series\":{");
    }

    @Test
    void the_urls_have_an_order() throws IOException {
        assertThat(scene.send("GET /api/top", "")).contains("{\"by\":\"hits\",\"counted\":", "\"urls\":[]}");
        assertThat(scene.send("GET /api/top?by=bytes&limit=200", "")).contains("{\"by\":\"bytes\",");
    }

    @Test
    void the_changes_of_servers_are_a_list() throws IOException {
        assertThat(scene.send("GET /api/origins/changes", ""))
                .startsWith("HTTP/1.1 200")
                .endsWith("[]\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "history?minutes=0",
                "history?minutes=361",
                "history?minutes=x",
                "top?by=none",
                "top?limit=0",
                "top?limit=1001",
                "top?limit=-1"
            })
    void wrong_parameters_are_refused(String query) throws IOException {
        assertThat(scene.send("GET /api/" + query, "")).startsWith("HTTP/1.1 400");
    }
}
