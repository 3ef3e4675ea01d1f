package io.cachingproxy.servlet;

import static io.cachingproxy.testkit.Verdicts.assertForwarded;
import static io.cachingproxy.testkit.Verdicts.assertHit;
import static io.cachingproxy.testkit.Verdicts.assertStored;

import io.cachingproxy.testkit.JettyFront;
import io.cachingproxy.testkit.ScenarioServlet;
import org.junit.jupiter.api.Test;

/** What a filter that is configured by nothing stores. */
class DefaultPolicyTest {
    private static JettyFront start(String field, String value) {
        return JettyFront.of(new CachingFilter(), new ScenarioServlet((request, response) -> {
            response.setHeader(field, value);
            response.getWriter().print("page");
        }));
    }

    @Test
    void a_page_that_says_nothing_about_freshness_is_never_shared() {
        try (JettyFront front = start("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT")) {
            assertForwarded(front.get("/"));
            assertForwarded(front.get("/"));
        }
    }

    @Test
    void a_page_with_explicit_freshness_is_shared() {
        try (JettyFront front = start("Cache-Control", "max-age=60")) {
            assertStored(front.get("/"));
            assertHit(front.get("/"));
        }
    }

    @Test
    void an_answer_to_a_cookie_is_shared_only_with_public_or_s_maxage() {
        for (String control : new String[] {"max-age=60", "no-cache"}) {
            try (JettyFront front = start("Cache-Control", control)) {
                assertForwarded(front.get("/", "Cookie: a=alice"));
                assertForwarded(front.get("/", "Authorization: Basic YTpi"));
            }
        }
        for (String control : new String[] {"public, max-age=60", "s-maxage=60"}) {
            try (JettyFront front = start("Cache-Control", control)) {
                assertStored(front.get("/", "Cookie: a=alice"));
                assertHit(front.get("/"));
            }
        }
    }
}
