package io.cachingproxy.coding;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.testkit.Messages.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which responses are encoded, and their fields. */
class NegotiatedTest {
    private static final Negotiated GZIP = new Negotiated(ContentCoding.GZIP, get().head());
    private static final Negotiated IDENTITY = new Negotiated(null, get().head());
    private static final Response TEXT = response(200).header("Content-Type", "text/html; charset=utf-8");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "TEXT/CSS",
                "application/json",
                "application/problem+json; charset=utf-8",
                "image/svg+xml",
                "application/wasm",
                "application/manifest+json"
            })
    void text_is_encoded(String type) {
        assertThat(GZIP.encodes(response(200).header("Content-Type", type).head()))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"text/event-stream", "image/png", "video/mp4", "application/zip", "application/octet-stream", ""
            })
    void other_types_are_not_changed(String type) {
        assertUnchanged(response(200).header("Content-Type", type).head());
        assertUnchanged(response(200).head());
    }

    private static void assertUnchanged(ResponseHead response) {
        assertThat(GZIP.encodes(response)).isFalse();
        assertThat(GZIP.head(response)).isSameAs(response);
        assertThat(IDENTITY.head(response)).isSameAs(response);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Cache-Control    | max-age=60, no-transform
            Content-Length   | 255
            Content-Length   | 0
            Content-Range    | bytes 0-1/2
            """)
    void a_response_with_this_field_is_not_changed(String field, String value) {
        assertUnchanged(TEXT.header(field, value).head());
    }

    @Test
    void a_response_that_the_origin_encoded_is_for_clients_with_the_same_choice_only() {
        ResponseHead encoded = TEXT.header("Content-Encoding", "gzip").head();
        assertThat(GZIP.encodes(encoded)).isFalse();
        assertThat(GZIP.head(encoded).headers().all("Vary")).containsExactly("Accept-Encoding");
    }

    @Test
    void a_malformed_tag_does_not_become_another_malformed_one() {
        for (String tag : new String[] {"x", "\"a\", \"b\"", "*"}) {
            assertThat(GZIP.head(TEXT.header("ETag", tag).head()).headers().contains("ETag"))
                    .isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 205, 226, 301, 304})
    void a_response_without_a_complete_representation_is_not_encoded(int status) {
        assertUnchanged(new ResponseHead(status, TEXT.headers()));
    }

    @Test
    void the_fields_of_the_bytes_are_dropped_and_the_tag_is_weak() {
        ResponseHead head = GZIP.head(TEXT.header("Content-Length", "256")
                .header("Accept-Ranges", "bytes")
                .header("Content-MD5", "Q2hlY2sgSW50ZWdyaXR5IQ==")
                .header("Digest", "sha-256=x")
                .header("Content-Digest", "sha-256=:x:")
                .header("Repr-Digest", "sha-256=:x:")
                .header("ETag", "\"x\"")
                .header("Vary", "Accept-Language")
                .head());
        assertThat(head.headers())
                .isEqualTo(Headers.of(
                        "Content-Type",
                        "text/html; charset=utf-8",
                        "ETag",
                        "W/\"x\"",
                        "Vary",
                        "Accept-Language",
                        "Vary",
                        "Accept-Encoding",
                        "Content-Encoding",
                        "gzip"));
    }

    @Test
    void a_weak_tag_and_a_vary_that_names_accept_encoding_stay_as_they_are() {
        ResponseHead head = GZIP.head(
                TEXT.header("ETag", "W/\"x\"").header("Vary", "accept-encoding").head());
        assertThat(head.headers().all("ETag")).containsExactly("W/\"x\"");
        assertThat(head.headers().all("Vary")).containsExactly("accept-encoding");
        assertThat(GZIP.head(TEXT.header("Vary", "*").head()).headers().all("Vary"))
                .containsExactly("*");
    }

    @Test
    void the_response_for_a_client_without_coding_has_only_vary() {
        ResponseHead plain =
                TEXT.header("ETag", "\"x\"").header("Content-Length", "1000").head();
        assertThat(IDENTITY.encodes(plain)).isFalse();
        assertThat(IDENTITY.head(plain).headers()).isEqualTo(plain.headers().plus("Vary", "Accept-Encoding"));
    }

    @Test
    void a_range_of_text_has_only_vary() {
        ResponseHead range = new ResponseHead(
                206, TEXT.headers().plus("Content-Range", "bytes 0-9/1000", "Content-Length", "10", "ETag", "\"x\""));
        assertThat(GZIP.encodes(range)).isFalse();
        assertThat(GZIP.head(range).headers()).isEqualTo(range.headers().plus("Vary", "Accept-Encoding"));
    }

    @Test
    void an_error_page_is_encoded() {
        assertThat(GZIP.encodes(new ResponseHead(404, TEXT.headers()))).isTrue();
    }

    @Test
    void a_304_has_the_weak_tag_that_the_client_sent() {
        ResponseHead notModified = response(304).header("ETag", "\"x\"").head();
        Negotiated ofEncoded = new Negotiated(
                ContentCoding.GZIP, get().header("If-None-Match", "W/\"x\"").head());
        assertThat(ofEncoded.head(notModified).headers())
                .isEqualTo(Headers.of("ETag", "W/\"x\"", "Vary", "Accept-Encoding"));
        Negotiated ofPlain = new Negotiated(
                ContentCoding.GZIP, get().header("If-None-Match", "\"x\"").head());
        assertThat(ofPlain.head(notModified)).isSameAs(notModified);
    }
}
