package io.cachingproxy.policy.parts;

import static io.cachingproxy.policy.Rules.NOON;
import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.request;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.fields.ByteRange;
import io.cachingproxy.testkit.Messages.Request;
import io.cachingproxy.testkit.Messages.Response;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreconditionsTest {
    private static final String BEFORE = "Wed, 04 Mar 2026 10:59:59 GMT";
    private static final String MODIFIED = "Wed, 04 Mar 2026 11:00:00 GMT";
    private static final String AFTER = "Wed, 04 Mar 2026 11:00:01 GMT";

    private static final Response OK = response(200)
            .header("ETag", "\"1\"")
            .header("Last-Modified", MODIFIED)
            .header("Date", "Wed, 04 Mar 2026 12:00:00 GMT");

    private static final Reply FULL = new Reply.Full();
    private static final Reply NOT_MODIFIED = new Reply.NotModified();

    private static Reply reply(Request request, Response response) {
        return Preconditions.evaluate(request.head(), response.head(), 1000L, NOON);
    }

    private static Reply reply(Request request) {
        return reply(request, OK);
    }

    private static Request range(String value) {
        return get().header("Range", value);
    }

    private static Reply part(long from, long count) {
        return new Reply.Partial(List.of(new ByteRange(from, count)));
    }

    @Test
    void without_conditions_all_is_sent() {
        assertThat(reply(get())).isEqualTo(FULL);
    }

    // RFC 9110 §13.1.2
    @ParameterizedTest
    @ValueSource(strings = {"\"1\"", "W/\"1\"", "\"0\", \"1\"", "*", "\"a,b\" , W/\"1\""})
    void if_none_match_compares_weakly(String tags) {
        assertThat(reply(get().header("If-None-Match", tags))).isEqualTo(NOT_MODIFIED);
        assertThat(reply(request("HEAD").header("If-None-Match", tags))).isEqualTo(NOT_MODIFIED);
    }

    // RFC 9110 §13.1.2
    @ParameterizedTest
    @ValueSource(strings = {"\"2\"", "1", "", "w/\"1\"", "\"*\""})
    void another_tag_gets_all(String tags) {
        assertThat(reply(get().header("If-None-Match", tags))).isEqualTo(FULL);
    }

    // RFC 9110 §13.1.3: ignored beside If-None-Match
    @Test
    void if_none_match_goes_before_if_modified_since() {
        assertThat(reply(get().header("If-None-Match", "\"2\"").header("If-Modified-Since", AFTER)))
                .isEqualTo(FULL);
        assertThat(reply(get().header("If-None-Match", "\"1\"").header("If-Modified-Since", BEFORE)))
                .isEqualTo(NOT_MODIFIED);
    }

    // RFC 9110 §13.1.3
    @Test
    void if_modified_since_holds_from_the_second_of_last_modified() {
        assertThat(reply(get().header("If-Modified-Since", BEFORE))).isEqualTo(FULL);
        assertThat(reply(get().header("If-Modified-Since", MODIFIED))).isEqualTo(NOT_MODIFIED);
        assertThat(reply(get().header("If-Modified-Since", AFTER))).isEqualTo(NOT_MODIFIED);
        assertThat(reply(get().header("If-Modified-Since", "yesterday"))).isEqualTo(FULL);
    }

    // RFC 9111 §4.3.2
    @Test
    void without_last_modified_date_takes_its_place() {
        Response dated = response(200).header("Date", MODIFIED);
        assertThat(reply(get().header("If-Modified-Since", MODIFIED), dated)).isEqualTo(NOT_MODIFIED);
        assertThat(reply(get().header("If-Modified-Since", BEFORE), dated)).isEqualTo(FULL);
        assertThat(reply(get().header("If-Modified-Since", AFTER), response(200)))
                .isEqualTo(FULL);
    }

    // RFC 9110 §13.2.1
    @Test
    void conditions_do_not_count_where_the_answer_is_no_2xx() {
        Response notFound = response(404).header("ETag", "\"1\"");
        assertThat(reply(get().header("If-None-Match", "\"1\""), notFound)).isEqualTo(FULL);
        assertThat(reply(range("bytes=0-1"), notFound)).isEqualTo(FULL);
    }

    // RFC 9110 §14.2
    @Test
    void a_range_is_a_part() {
        assertThat(reply(range("bytes=0-1"))).isEqualTo(part(0, 2));
        assertThat(reply(range("bytes=-1"))).isEqualTo(part(999, 1));
        assertThat(reply(range("bytes=x"))).isEqualTo(FULL);
        assertThat(reply(range("bytes=0-1").header("Range", "bytes=2-3"))).isEqualTo(FULL);
    }

    // RFC 9110 §15.5.17
    @Test
    void no_satisfiable_range_is_out_of_range() {
        assertThat(reply(range("bytes=1000-"))).isEqualTo(new Reply.OutOfRange());
        assertThat(reply(range("bytes=999-"))).isEqualTo(part(999, 1));
    }

    // RFC 9110 §14.2: GET only
    @Test
    void head_has_no_parts() {
        assertThat(reply(request("HEAD").header("Range", "bytes=0-1"))).isEqualTo(FULL);
    }

    @Test
    void a_body_of_unknown_length_has_no_parts() {
        assertThat(Preconditions.evaluate(range("bytes=0-1").head(), OK.head(), null, NOON))
                .isEqualTo(FULL);
    }

    // RFC 9110 §13.2.2: the condition first, then the range
    @Test
    void what_is_not_modified_has_no_parts() {
        assertThat(reply(range("bytes=0-1").header("If-None-Match", "\"1\""))).isEqualTo(NOT_MODIFIED);
        assertThat(reply(range("bytes=0-1").header("If-None-Match", "\"2\""))).isEqualTo(part(0, 2));
    }

    // RFC 9110 §13.1.5
    @Test
    void if_range_needs_the_same_strong_tag() {
        assertThat(reply(range("bytes=0-1").header("If-Range", "\"1\""))).isEqualTo(part(0, 2));
        assertThat(reply(range("bytes=0-1").header("If-Range", "\"2\""))).isEqualTo(FULL);
        assertThat(reply(range("bytes=0-1").header("If-Range", "W/\"1\""))).isEqualTo(FULL);
        assertThat(reply(
                        range("bytes=0-1").header("If-Range", "\"1\""),
                        response(200).header("ETag", "W/\"1\"")))
                .isEqualTo(FULL);
        assertThat(reply(range("bytes=0-1").header("If-Range", "\"1\""), response(200)))
                .isEqualTo(FULL);
    }

    // RFC 9110 §13.1.5: an exact match, of a date that is a strong validator (§8.8.2.2)
    @Test
    void if_range_needs_exactly_the_last_modified_and_a_later_date() {
        assertThat(reply(range("bytes=0-1").header("If-Range", MODIFIED))).isEqualTo(part(0, 2));
        assertThat(reply(range("bytes=0-1").header("If-Range", AFTER))).isEqualTo(FULL);
        assertThat(reply(range("bytes=0-1").header("If-Range", BEFORE))).isEqualTo(FULL);
        Response justNow = response(200).header("Last-Modified", MODIFIED).header("Date", MODIFIED);
        assertThat(reply(range("bytes=0-1").header("If-Range", MODIFIED), justNow))
                .isEqualTo(FULL);
    }

    @Test
    void sixteen_ranges_are_honoured_and_seventeen_get_all() {
        assertThat(((Reply.Partial) reply(range(ranges(16)))).ranges()).hasSize(16);
        assertThat(reply(range(ranges(17)))).isEqualTo(FULL);
    }

    private static String ranges(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> 10 * i + "-" + (10 * i + 1))
                .collect(Collectors.joining(",", "bytes=", ""));
    }
}
