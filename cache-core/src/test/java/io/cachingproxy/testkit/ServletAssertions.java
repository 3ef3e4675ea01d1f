package io.cachingproxy.testkit;

import io.cachingproxy.http.Headers;
import io.cachingproxy.testkit.CacheResponseAssert.Seen;
import jakarta.servlet.http.HttpServletResponse;

/**
 * {@link CacheAssertions} for servlet responses, such as the {@code MockHttpServletResponse} of Spring:
 *
 * <pre>{@code
 * assertThat(mvc.perform(get("/")).andReturn().getResponse()).isHit();
 * }</pre>
 */
public final class ServletAssertions {
    private ServletAssertions() {}

    /** Assertions about a servlet response that has been written. */
    public static CacheResponseAssert assertThat(HttpServletResponse response) {
        Headers.Builder headers = Headers.builder();
        for (String name : response.getHeaderNames()) {
            response.getHeaders(name).forEach(value -> headers.add(name, value));
        }
        return new CacheResponseAssert(new Seen(response.getStatus(), headers.build()));
    }
}
