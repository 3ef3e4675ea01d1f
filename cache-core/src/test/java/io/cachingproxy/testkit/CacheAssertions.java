package io.cachingproxy.testkit;

import io.cachingproxy.Answer;
import io.cachingproxy.http.Headers;
import io.cachingproxy.testkit.CacheResponseAssert.Seen;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;

/**
 * Entry points for assertions about cached responses, in the manner of AssertJ; they can be imported together with those of
 * AssertJ.
 *
 * <pre>{@code
 * assertThat(response).isHit().hasAge(30);
 * }</pre>
 *
 * <p>{@link ServletAssertions} has them for servlet responses, such as those of MockMvc.
 */
public final class CacheAssertions {
    private CacheAssertions() {}

    /** Assertions about a response of the platform's HTTP client. */
    public static CacheResponseAssert assertThat(HttpResponse<?> response) {
        return assertThatResponse(response.statusCode(), response.headers().map());
    }

    /** Assertions about an answer of the cache. */
    public static CacheResponseAssert assertThat(Answer answer) {
        return new CacheResponseAssert(
                new Seen(answer.head().status(), answer.head().headers()));
    }

    /**
     * Assertions about a response of any other client.
     *
     * @param fields the lines of each header field, by its name
     */
    public static CacheResponseAssert assertThatResponse(int status, Map<String, List<String>> fields) {
        Headers.Builder headers = Headers.builder();
        fields.forEach((name, lines) -> lines.forEach(line -> headers.add(name, line)));
        return new CacheResponseAssert(new Seen(status, headers.build()));
    }
}
