package example;

import static org.assertj.core.api.Assertions.assertThat;

import example.Running.Received;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The filter at other orders than its own: less may be stored, but no page is given to another user. */
class OrderTest {
    /** Its own; outermost; between the session and Spring Security; behind Spring Security, which is at -100; innermost. */
    @ParameterizedTest
    @ValueSource(ints = {-2147483608, -2147483648, -101, -99, 2147483647})
    void pages_of_users_are_never_shared_in_any_order(int order) {
        try (Running application = new Running(
                "caching-proxy.order=" + order, "server.forward-headers-strategy=framework")) {
            assertRight(application);
            application.get("/links", "X-Forwarded-Host", "evil.example");
            application.get("/links", "X-Forwarded-Host", "evil.example");
            assertThat(application.get("/links").text()).startsWith(application.url() + "/links ");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-2147483608, 2147483647})
    void pages_of_users_are_never_shared_with_Spring_Session(int order) {
        try (Running application = new Running("caching-proxy.order=" + order, "example.spring-session=true")) {
            assertRight(application);
        }
    }

    private static void assertRight(Running application) {
        for (String path : new String[] {"/me", "/me/context"}) {
            for (int round = 0; round < 2; round++) {
                assertPageOf("alice", application, path);
                assertPageOf("bob", application, path);
                Received anonymous = application.get(path, "Accept", "application/json");
                assertThat(anonymous.status()).as(path).isEqualTo(401);
                assertThat(anonymous.text()).doesNotContain("page of");
            }
        }
        for (String path : new String[] {"/session", "/csrf", "/cookie"}) {
            String page = application.get(path).text();
            assertThat(application.get(path).text()).as(path).isNotEqualTo(page);
        }
        assertThat(application.get("/public/page").status()).isEqualTo(200);
        assertThat(application.get("/public/page").text()).startsWith("page answer ");
    }

    private static void assertPageOf(String user, Running application, String path) {
        Received page = application.getAs(user, path);
        assertThat(page.status()).as(path + " " + user).isEqualTo(200);
        assertThat(page.text()).startsWith("page of " + user + " ");
        assertThat(page.cache()).as(path + " " + page.header("Cache-Status")).isNotEqualTo("HIT");
    }
}
