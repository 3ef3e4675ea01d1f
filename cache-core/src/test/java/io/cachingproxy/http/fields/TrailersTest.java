package io.cachingproxy.http.fields;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrailersTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length",
                "Transfer-Encoding",
                "Connection",
                "Keep-Alive",
                "TE",
                "Trailer",
                "Upgrade",
                "Proxy-Authenticate",
                "Host",
                "Set-Cookie",
                "Content-Encoding",
                "Content-Type",
                "Content-Range",
                "Cache-Control",
                "Vary",
                "Age",
                "Via",
                "X-Cache",
                "Cache-Status",
                "Cache-Debug"
            })
    void a_field_that_changes_the_message_or_its_meaning_is_not_a_trailer(String name) {
        Headers trailers = Headers.of(name, "x", "Content-Digest", "sha-256=:a:");
        assertThat(Trailers.permitted(trailers)).isEqualTo(Headers.of("Content-Digest", "sha-256=:a:"));
    }

    @Test
    void other_fields_are_kept_in_order() {
        Headers trailers = Headers.of("grpc-status", "0", "Server-Timing", "db;dur=5", "ETag", "\"a\"");
        assertThat(Trailers.permitted(trailers)).isEqualTo(trailers);
    }
}
