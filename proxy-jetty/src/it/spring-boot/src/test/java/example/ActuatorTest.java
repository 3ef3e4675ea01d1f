package example;

import static org.assertj.core.api.Assertions.assertThat;

import example.Running.Received;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The actuator at other paths, whose endpoints bypass the cache even if a rule stores everything, and what explains. */
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

    @Test
    void the_endpoint_explains_a_request() {
        try (Running application = new Running()) {
            String url = application.url() + "/products/1?utm_source=mail&page=s3cret";
            assertThat(explained(application, url).text())
                    .contains("\"reuse\":{\"result\":\"miss\"", "\"name\":\"products\",\"result\":\"matched\"")
                    .contains("\"name\":\"cart\",\"result\":\"not-matched\"", "\"site\":", "\"source\":\"RFC 9111")
                    .contains("page=***")
                    .doesNotContain("s3cret");
            assertThat(application.get("/products/1?page=s3cret").cache()).isEqualTo("MISS");
            Received hit = explained(application, url, "Cookie: session=s3cret", "Accept-Language: de, en");
            assertThat(hit.status()).isEqualTo(200);
            assertThat(hit.cache()).isEqualTo("none");
            assertThat(hit.text())
                    .contains("\"reuse\":{\"result\":\"hit\"", "\"ttl\":", "\"steps\":[{\"reason\":", "\"effect\":")
                    .doesNotContain("s3cret");
            assertThat(explained(application, url, "Cache-Control: no-cache").text())
                    .contains("\"reuse\":{\"result\":\"revalidate\"", "\"by\":[\"request\"]");
            assertThat(explained(application, application.url() + "/products/cart", "Authorization: Basic s3cret")
                            .text())
                    .contains("\"reuse\":{\"result\":\"bypass\"")
                    .doesNotContain("s3cret");
            assertThat(application.get("/actuator/httpcache/explain?method=POST&url=" + encoded(url)).text())
                    .contains("\"method\":\"POST\"")
                    .doesNotContain("\"result\":\"hit\"");
        }
    }

    @Test
    void the_endpoint_refuses_to_explain_without_a_url() {
        try (Running application = new Running()) {
            assertThat(application.get("/actuator/httpcache/explain").status()).isEqualTo(400);
            assertThat(explained(application, "/products/1").status()).isEqualTo(400);
            assertThat(explained(application, application.url(), "no field").status()).isEqualTo(400);
            assertThat(application.get("/actuator/httpcache/other?url=" + encoded(application.url())).status())
                    .isEqualTo(404);
        }
    }

    private static Received explained(Running application, String url, String... headers) {
        StringBuilder query = new StringBuilder("url=" + encoded(url));
        for (String header : headers) {
            query.append("&header=").append(encoded(header));
        }
        return application.get("/actuator/httpcache/explain?" + query);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
