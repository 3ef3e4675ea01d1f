package example;

import static org.assertj.core.api.Assertions.assertThat;

import example.Running.Received;
import org.junit.jupiter.api.Test;

/** Async responses, where Spring Security leaves Cache-Control to the application. */
class AsyncTest {
    @Test
    void async_responses_are_shared_and_streams_of_events_are_not() {
        try (Running application = new Running("example.no-store=false")) {
            for (String path : new String[] {"/callable", "/same/deferred", "/same/stream"}) {
                Received miss = application.get(path);
                Received hit = application.get(path);
                assertThat(miss.cache()).as(path).isEqualTo("MISS");
                assertThat(hit.cache()).as(path + " " + hit.header("Cache-Status")).isEqualTo("HIT");
                assertThat(hit.text()).isEqualTo(miss.text()).isNotEmpty();
            }
            String events = application.get("/events").text();
            Received others = application.get("/events");
            assertThat(events).contains("data:answer");
            assertThat(others.cache()).isNotEqualTo("HIT");
            assertThat(others.text()).contains("data:answer").isNotEqualTo(events);
        }
    }
}
