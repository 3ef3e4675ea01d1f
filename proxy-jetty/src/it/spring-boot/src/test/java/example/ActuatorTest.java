package example;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The actuator at other paths: its endpoints bypass the cache, even if a rule stores everything. */
class ActuatorTest {
    private static final String EVERYTHING = "caching-proxy.rules[0].ttl=60s";

    @Test
    void endpoints_at_the_root_bypass_the_cache() {
        try (Running application = new Running(
                EVERYTHING, "management.endpoints.web.base-path=/", "management.endpoints.web.path-mapping.health=alive")) {
            for (String path : new String[] {"/alive", "/metrics", "/httpcache"}) {
                assertThat(application.get(path).status()).as(path).isEqualTo(200);
                assertThat(application.get(path).cache()).as(path).isEqualTo("none");
            }
            application.get("/public/page");
            assertThat(application.get("/public/page").cache()).isEqualTo("HIT");
        }
    }

    @Test
    void endpoints_below_the_path_of_the_dispatcher_servlet_bypass_the_cache() {
        try (Running application = new Running(
                EVERYTHING,
                "spring.mvc.servlet.path=/app",
                "management.endpoint.health.probes.enabled=true",
                "management.endpoint.health.probes.add-additional-paths=true")) {
            for (String path : new String[] {"/app/actuator/health", "/app/livez"}) {
                assertThat(application.get(path).status()).as(path).isEqualTo(200);
                assertThat(application.get(path).cache()).as(path).isEqualTo("none");
            }
        }
    }
}
