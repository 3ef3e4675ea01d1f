package io.cachingproxy.servlet;

import static io.cachingproxy.testkit.ServletAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;

import io.cachingproxy.HttpCache;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.testkit.ManualClock;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The test kit and the filter in a test with MockMvc. */
class MockMvcTest {
    private final ManualClock clock = ManualClock.atNoon();
    private final HttpCache cache =
            HttpCache.builder().policy(Policy.application()).clock(clock).build();
    private final Products products = new Products();
    private final MockMvc mvc = MockMvcBuilders.standaloneSetup(products)
            .addFilters(new CachingFilter(cache))
            .build();

    @AfterEach
    void close() {
        cache.close();
    }

    @RestController
    static final class Products {
        private int calls;

        @GetMapping("/products")
        public String list(HttpServletResponse response) {
            response.setHeader("Cache-Control", "public, max-age=60");
            return "list " + ++calls;
        }

        @GetMapping("/account")
        public String account(HttpServletResponse response) {
            response.setHeader("Cache-Control", "private, max-age=60");
            return "account";
        }
    }

    private MockHttpServletResponse response(String path) throws Exception {
        return mvc.perform(get(path)).andReturn().getResponse();
    }

    @Test
    void a_public_page_is_a_hit_until_its_lifetime_has_passed() throws Exception {
        assertThat(response("/products")).isMiss().isStored();
        clock.advance(30);
        MockHttpServletResponse second = response("/products");
        assertThat(second).isHit().hasAge(30).isStoredFor(60);
        assertThat(second.getContentAsString()).isEqualTo("list 1");
        clock.advance(30);
        assertThat(response("/products")).isMiss().isForwarded(Reason.STALE);
    }

    @Test
    void a_private_page_is_not_stored() throws Exception {
        response("/account");
        assertThat(response("/account")).isNotStored(Reason.RESPONSE_PRIVATE);
    }
}
