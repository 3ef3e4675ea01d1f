package io.cachingproxy.policy.parts;

import static io.cachingproxy.testkit.Messages.request;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.testkit.Messages.Request;
import io.cachingproxy.testkit.Messages.Response;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InvalidationTest {
    private static final Request POST = request("POST").path("/a/b?c");

    private static List<String> invalidated(Request request, Response response) {
        return Invalidation.targets(request.head(), response.head()).stream()
                .map(target -> CacheKey.ofGet(target).text())
                .toList();
    }

    // RFC 9111 §4.4
    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "UNKNOWN"})
    void an_unsafe_method_invalidates_its_target(String method) {
        assertThat(invalidated(request(method).path("/a?b"), response(200)))
                .containsExactly("GET http://example.org/a?b");
    }

    // RFC 9111 §4.4; RFC 9110 §9.2.1
    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "OPTIONS", "QUERY"})
    void a_safe_method_invalidates_nothing(String method) {
        assertThat(invalidated(request(method), response(200).header("Location", "/x")))
                .isEmpty();
    }

    // RFC 9111 §4.4: 2xx and 3xx
    @ParameterizedTest
    @CsvSource({"199,false", "200,true", "204,true", "303,true", "399,true", "400,false", "404,false", "500,false"})
    void only_a_non_error_answer_invalidates(int status, boolean invalidates) {
        assertThat(invalidated(POST, response(status)).isEmpty()).isEqualTo(!invalidates);
    }

    // RFC 9111 §4.4
    @ParameterizedTest
    @CsvSource({
        "http://example.org/x?y, /x?y",
        "HTTP://EXAMPLE.org/x, /x",
        "//example.org/x, /x",
        "/x#fragment, /x",
        "x, /a/x",
        "../x, /x",
        "http://example.org, /",
        "/%41, /%41"
    })
    void location_and_content_location_of_the_same_origin_are_invalidated_too(String reference, String path) {
        String own = "GET http://example.org/a/b?c";
        String other = "GET http://example.org" + path;
        assertThat(invalidated(POST, response(201).header("Location", reference)))
                .containsExactly(own, other);
        assertThat(invalidated(POST, response(201).header("Content-Location", reference)))
                .containsExactly(own, other);
    }

    // RFC 9111 §4.4: else one site could empty another's cache
    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://example.com/x",
                "https://example.org/x",
                "http://example.org:8080/x",
                "http://a@example.org/x",
                "//example.com/x",
                "mailto:a@example.org",
                "http://",
                "%",
                "http://[",
                "",
                "http:///x"
            })
    void another_origin_and_what_is_no_uri_are_left_alone(String reference) {
        assertThat(invalidated(POST, response(201).header("Location", reference)))
                .allMatch(text -> text.startsWith("GET http://example.org/a/"))
                .contains("GET http://example.org/a/b?c");
    }

    @Property
    void a_reference_of_any_kind_never_throws(@ForAll String reference, @ForAll String path) {
        assertThat(invalidated(request("POST").path("/" + path), response(201).header("Location", reference)))
                .contains("GET http://example.org/" + path);
    }
}
