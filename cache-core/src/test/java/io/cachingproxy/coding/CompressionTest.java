package io.cachingproxy.coding;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cachingproxy.http.RequestHead;
import java.io.OutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The choice of the coding by Accept-Encoding (RFC 9110 §12.5.3). */
class CompressionTest {
    private static final Compression BR_ZSTD_GZIP = Compression.of(List.of(named("br"), named("zstd"), named("gzip")));

    private static ContentCoding named(String token) {
        return new ContentCoding() {
            @Override
            public String token() {
                return token;
            }

            @Override
            public OutputStream encode(OutputStream to) {
                return to;
            }
        };
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', delimiter = '|', textBlock = """
            gzip, deflate, br, zstd        | br
            gzip, deflate                  | gzip
            GZIP                           | gzip
            x-gzip                         | gzip
            zstd;q=0.9, br;q=0.8           | zstd
            br;q=0.001                     | br
            br;q=0, gzip                   | gzip
            br;q=0.5, gzip;q=0.5           | br
            *                              | br
            *, br;q=0                      | zstd
            *;q=0, gzip                    | gzip
            gzip, identity                 | gzip
            gzip;q=0.5, identity           | identity
            gzip;q=0.5, identity;q=0.4     | gzip
            gzip;q=0.1, *;q=0.5            | br
            gzip;q=1, identity;q=0         | gzip
            identity                       | identity
            identity;q=1, *;q=0            | identity
            deflate                        | identity
            ''                             | identity
            gzip;q=0                       | identity
            identity;q=0                   | identity
            identity;q=0, one              | identity
            *;q=0                          | identity
            gzip;q=wrong                   | identity
            gzip;q=0.0000                  | identity
            gzip;q=1.5, br;q=0.1           | br
            gzip;q=1.0000, *;q=0.1         | br
            """)
    void the_preferred_coding_is_chosen(String accepted, String chosen) {
        Negotiated choice =
                BR_ZSTD_GZIP.negotiate(get().header("Accept-Encoding", accepted).head());
        assertThat(choice.request().headers().all("Accept-Encoding")).containsExactly(chosen);
        boolean encodes = List.of("br", "zstd", "gzip").contains(chosen);
        assertThat(choice.coding() == null ? "" : choice.coding().token()).isEqualTo(encodes ? chosen : "");
    }

    @Test
    void a_request_without_accept_encoding_gets_no_coding() {
        Negotiated choice = BR_ZSTD_GZIP.negotiate(get().head());
        assertThat(choice.coding()).isNull();
        assertThat(choice.request().headers().first("Accept-Encoding")).isEqualTo("identity");
    }

    @Test
    void the_lines_of_accept_encoding_are_one_list() {
        RequestHead request = get().header("Accept-Encoding", "gzip;q=0.2")
                .header("Accept-Encoding", "zstd;q=0.3")
                .head();
        assertThat(BR_ZSTD_GZIP.negotiate(request).request().headers().all("Accept-Encoding"))
                .containsExactly("zstd");
    }

    @Test
    void a_request_for_a_range_or_with_no_transform_gets_no_coding() {
        RequestHead range = get().header("Accept-Encoding", "br")
                .header("Range", "bytes=0-1")
                .header("If-Range", "\"x\"")
                .head();
        assertThat(BR_ZSTD_GZIP.negotiate(range).coding()).isNull();
        assertThat(BR_ZSTD_GZIP.negotiate(range).request().headers().contains("Range"))
                .isTrue();
        RequestHead asItIs = get().header("Accept-Encoding", "br")
                .cacheControl("no-transform")
                .head();
        assertThat(BR_ZSTD_GZIP.negotiate(asItIs).coding()).isNull();
    }

    // RFC 9110 §13.1.5: the client may hold a part of an encoded body, of which the date is that of another
    @Test
    void a_range_of_a_response_that_only_its_date_identifies_is_ignored() {
        RequestHead range = get().header("Accept-Encoding", "br")
                .header("Range", "bytes=10-")
                .header("If-Range", "Wed, 04 Mar 2026 12:00:00 GMT")
                .head();
        Negotiated choice = BR_ZSTD_GZIP.negotiate(range);
        assertThat(choice.coding()).isNotNull();
        assertThat(choice.request().headers().contains("Range")).isFalse();
        assertThat(choice.request().headers().contains("If-Range")).isFalse();
    }

    @Test
    void only_get_and_head_are_negotiated() {
        assertThat(BR_ZSTD_GZIP.negotiate(
                        request("POST").header("Accept-Encoding", "br").head()))
                .isNull();
        assertThat(BR_ZSTD_GZIP.negotiate(
                        request("HEAD").header("Accept-Encoding", "br").head()))
                .isNotNull();
        assertThat(Compression.of(List.of())
                        .negotiate(get().header("Accept-Encoding", "br").head()))
                .isNull();
    }

    @Test
    void a_wrong_list_of_codings_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Compression.of(List.of(named("gzip"), ContentCoding.GZIP)))
                .withMessage("the content coding gzip is listed twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Compression.of(List.of(named("identity"))))
                .withMessage("\"identity\" is not the name of a content coding");
    }
}
