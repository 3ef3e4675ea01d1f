package example;

import static org.assertj.core.api.Assertions.assertThat;

import example.Running.Received;
import jakarta.servlet.ServletContext;
import java.io.File;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.springframework.boot.SpringBootVersion;
import org.springframework.web.client.RestClient;

/** The application with the cache, behind Spring Security, over HTTP. */
class CachedApplicationTest {
    private static Running application;

    @BeforeAll
    static void start() {
        application = new Running();
    }

    @AfterAll
    static void stop() {
        application.close();
    }

    private static void assertShared(String path) {
        Received miss = application.get(path);
        Received hit = application.get(path);
        assertThat(miss.cache()).as(path).isEqualTo("MISS");
        assertThat(hit.cache()).as(path + ": " + hit.header("Cache-Status")).isEqualTo("HIT");
        assertThat(hit.text()).isEqualTo(miss.text()).isNotEmpty();
    }

    private static void assertNotShared(String path) {
        Received first = application.get(path);
        Received second = application.get(path);
        assertThat(first.status()).as(path).isEqualTo(200);
        assertThat(second.cache()).as(path + ": " + second.header("Cache-Status")).isEqualTo("MISS");
        assertThat(second.text()).isNotEqualTo(first.text());
    }

    @Test
    void the_version_of_Spring_Boot_is_the_one_under_test() {
        assertThat(SpringBootVersion.getVersion()).isEqualTo(System.getProperty("boot.version"));
    }

    @Test
    void the_container_is_the_one_under_test() {
        ServletContext context = application.context().getBean(ServletContext.class);
        assertThat(context.getServerInfo()).containsIgnoringCase(System.getProperty("container"));
    }

    @Test
    @DisabledIfSystemProperty(named = "container", matches = "jetty")
    void an_application_gets_no_Jetty() {
        assertThat(System.getProperty("java.class.path").split(File.pathSeparator))
                .filteredOn(entry -> entry.contains("jetty"))
                .allSatisfy(entry -> assertThat(entry).contains("proxy-jetty"));
    }

    @Test
    @DisabledIfSystemProperty(named = "container", matches = "jetty") // Spring Boot's starter brings the client of Jetty
    void RestClient_still_uses_the_client_of_the_JDK() {
        assertThat(RestClient.create(application.url()).get().uri("/agent").retrieve().body(String.class))
                .startsWith("Java-http-client/");
    }

    @Test
    void a_public_page_is_shared() {
        assertShared("/public/page");
    }

    @Test
    void a_page_without_explicit_freshness_is_not_shared() {
        assertNotShared("/unstated");
    }

    @Test
    void pages_of_one_client_are_not_shared() {
        assertNotShared("/session");
        assertNotShared("/csrf");
        assertNotShared("/cookie");
    }

    @Test
    void a_stream_of_events_is_not_shared() {
        assertNotShared("/events");
        assertThat(application.get("/events").text()).contains("data:answer");
    }

    @Test
    void the_index_page_that_a_forward_writes_is_whole() {
        assertShared("/");
        assertThat(application.get("/").text()).contains("<title>Shop</title>");
    }

    @Test
    void async_responses_are_shared_unless_Spring_Security_writes_no_store() {
        Received first = application.get("/callable");
        List<String> control = first.response().headers().allValues("Cache-Control");
        Received second = application.get("/callable");
        boolean forbidden = control.toString().contains("no-store");
        assertThat(second.cache()).as(control.toString()).isEqualTo(forbidden ? "MISS" : "HIT");
    }

    @Test
    void error_pages_are_those_of_the_application_and_are_not_shared() {
        for (String path : new String[] {"/missing", "/same/failure", "/same/error"}) {
            Received first = application.get(path, "Accept", "application/json");
            Received second = application.get(path, "Accept", "application/json");
            assertThat(first.status()).as(path).isGreaterThanOrEqualTo(400);
            assertThat(first.text()).as(path).contains("\"status\":" + first.status());
            assertThat(second.cache()).as(path).isNotEqualTo("HIT");
        }
    }

    @Test
    void rules_of_the_properties_apply() {
        assertShared("/products/1");
        String stored = application.get("/products/1").text();
        Received tracked = application.get("/products/1?utm_source=mail&gclid=7");
        assertThat(tracked.cache()).isEqualTo("HIT");
        assertThat(tracked.text()).isEqualTo(stored);
        assertThat(application.get("/products/1?page=2").cache()).isEqualTo("MISS");
        assertNotShared("/products/cart");
        assertNotShared("/products/checkout");
    }

    @Test
    void excluded_paths_and_the_actuator_bypass_the_cache() {
        assertThat(application.get("/public/never/page").cache()).isEqualTo("none");
        assertThat(application.get("/public/never/page").cache()).isEqualTo("none");
        assertThat(application.get("/actuator/health").cache()).isEqualTo("none");
        assertThat(application.get("/actuator").cache()).isEqualTo("none");
    }

    @Test
    void the_endpoint_reports_and_purges() {
        assertShared("/public/purged-by-url");
        String url = application.url() + "/public/purged-by-url";
        Received purged = application.send("POST", "/actuator/httpcache", "{\"url\": \"" + url + "\"}");
        assertThat(purged.status()).as(purged.text()).isEqualTo(200);
        assertThat(purged.text()).contains("\"confirmed\":true").contains("url " + url);
        assertThat(application.get("/public/purged-by-url").cache()).isEqualTo("MISS");

        assertShared("/products/tagged");
        assertThat(application.send("DELETE", "/actuator/httpcache?tag=products", null).status())
                .isEqualTo(200);
        assertThat(application.get("/products/tagged").cache()).isEqualTo("MISS");

        assertThat(application.send("POST", "/actuator/httpcache", "{}").status()).isEqualTo(400);
        Received stats = application.get("/actuator/httpcache");
        assertThat(stats.text()).contains("\"keys\":").contains("\"hit\":").contains("\"gets\":");
    }

    @Test
    void hits_are_observed_as_other_requests_are() {
        application.get("/public/observed");
        double before = observed();
        assertThat(application.get("/public/observed").cache()).isEqualTo("HIT");
        assertThat(observed()).isGreaterThan(before);
    }

    /** The number of requests without an error that Spring has observed, apart from those for metrics. */
    private static double observed() {
        String metric = application.get("/actuator/metrics/http.server.requests?tag=uri:UNKNOWN").text();
        Matcher count = Pattern.compile("\"COUNT\",\"value\":([0-9.]+)").matcher(metric);
        return count.find() ? Double.parseDouble(count.group(1)) : 0;
    }

    @Test
    void the_metrics_are_those_of_the_cache() {
        application.get("/public/measured");
        application.get("/public/measured");
        assertThat(application.get("/actuator/metrics/cache.gets?tag=result:hit").text())
                .contains("\"COUNT\"");
        assertThat(application.get("/actuator/metrics/cache.gets?tag=result:miss").text())
                .contains("\"COUNT\"");
        assertThat(application.get("/actuator/metrics/cache.bytes").text()).contains("\"VALUE\"");
    }
}
