package io.cachingproxy;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.request;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.policy.Policy;
import io.cachingproxy.rules.Rule;
import io.cachingproxy.rules.Rules;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.Client.Received;
import io.cachingproxy.testkit.ManualClock;
import io.cachingproxy.testkit.Messages.Request;
import io.cachingproxy.testkit.Messages.Response;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A conditional request is forwarded without the client's own conditions, and the cache evaluates them for the response
 * of the origin: the client gets 304, and the fetch may lose its only reader (RFC 9110 §13.2, RFC 9111 §4.3.2).
 */
class ConditionalLeaderTest {
    private static final String MODIFIED = "Mon, 01 Jan 2024 00:00:00 GMT";
    private static final Response STALE =
            response(200).cacheControl("max-age=1").header("ETag", "\"anon\"");
    private static final Response MINE =
            response(200).header("ETag", "\"mine\"").header("Last-Modified", MODIFIED);
    private static final Request KNOWN = get().header("If-None-Match", "\"mine\"");

    private final ManualClock clock = ManualClock.atNoon();

    private Client client(Policy policy) {
        return new Client(HttpCache.builder().policy(policy).clock(clock).build());
    }

    private Client clientWithStaleResponse(Policy policy) {
        Client client = client(policy);
        client.send(get(), STALE, "anon").assertMiss("anon");
        clock.advance(5);
        return client;
    }

    private static void assertNotModified(Received received) {
        received.assertAnswered(304, "");
        assertThat(received.header("ETag")).isEqualTo("\"mine\"");
        assertThat(received.header("Cache-Status")).doesNotContain("origin-failed");
    }

    @ParameterizedTest
    @CsvSource({
        "Cache-Control, private",
        "Cache-Control, no-store",
        "Set-Cookie, s=1",
        "Content-Length, 9000000000",
        "Vary, *"
    })
    void a_304_for_a_response_that_is_not_stored(String field, String value) {
        Response notStored = MINE.header(field, value);
        Client revalidating = clientWithStaleResponse(Policy.standard(Duration.ofMinutes(5)));
        Received received = revalidating.send(KNOWN);
        revalidating.origin().last().head(notStored);
        assertNotModified(received);

        Client whole = client(Policy.standard(Duration.ofMinutes(5)).fetchingWhole());
        Received missed = whole.send(KNOWN);
        whole.origin().last().head(notStored);
        assertNotModified(missed);
        assertThat(whole.origin().last().aborted()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"If-None-Match, *", "If-None-Match, W/\"mine\"", "If-Modified-Since, " + "'" + MODIFIED + "'"})
    void each_condition_of_the_client_is_evaluated(String field, String value) {
        Client client = clientWithStaleResponse(Policy.rfc9111());
        Received received = client.send(get().header(field, value));
        client.origin().last().answer(MINE.cacheControl("private"), "mine");
        assertNotModified(received);
    }

    @Test
    void a_condition_that_fails_gives_the_whole_response() {
        Client client = clientWithStaleResponse(Policy.rfc9111());
        client.send(get().header("If-None-Match", "\"other\""), MINE.cacheControl("private"), "mine")
                .assertMiss("mine");
    }

    @Test
    void a_condition_precedes_a_range() {
        Client client = clientWithStaleResponse(Policy.rfc9111());
        Received received = client.send(KNOWN.header("Range", "bytes=0-1"));
        client.origin().last().answer(MINE.cacheControl("private"), "mine");
        assertNotModified(received);
    }

    @Test
    void a_head_request_gets_its_304() {
        Client client = clientWithStaleResponse(Policy.rfc9111());
        Received received = client.send(request("HEAD").header("If-None-Match", "\"mine\""));
        client.origin().last().head(MINE.cacheControl("private")).complete();
        assertNotModified(received);
    }

    @ParameterizedTest
    @ValueSource(strings = {"max-age=1", "max-age=1, stale-if-error=600"})
    void a_304_for_a_body_that_turns_out_too_large_to_be_stored(String cacheControl) {
        Client client = new Client(HttpCache.builder()
                .policy(Policy.rfc9111())
                .maxObjectBytes(8)
                .clock(clock)
                .build());
        client.send(get(), response(200).cacheControl(cacheControl).header("ETag", "\"anon\""), "anon")
                .assertMiss("anon");
        clock.advance(5);
        Received received = client.send(KNOWN);
        client.origin().last().head(MINE.cacheControl("max-age=60")).body("more than 8 bytes");
        assertNotModified(received);
    }

    @Test
    void a_body_that_breaks_off_after_its_304_is_not_stored() {
        Client client = clientWithStaleResponse(Policy.rfc9111());
        Received received = client.send(KNOWN);
        client.origin().last().head(MINE.cacheControl("max-age=60")).fail(OriginException.Kind.FAILED);
        assertNotModified(received);
        client.send(get(), MINE.cacheControl("max-age=60"), "mine").assertMiss("mine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "POST", "OPTIONS"})
    void a_condition_that_a_rule_removes_gives_no_304_to_other_methods(String method) {
        HttpCache cache = HttpCache.builder()
                .clock(clock)
                .rules(Rules.of(Rule.rule("r").removeRequestHeader("If-None-Match")))
                .build();
        new Client(cache)
                .send(request(method).header("If-None-Match", "*"), MINE, "done")
                .assertAnswered(200, "done");
    }

    @Test
    void followers_of_a_304_get_the_whole_response() {
        Client client = clientWithStaleResponse(Policy.rfc9111());
        Received leader = client.send(KNOWN);
        Received follower = client.send(get());
        Received conditional = client.send(KNOWN);
        client.origin().last().answer(MINE.cacheControl("max-age=60"), "mine");
        assertNotModified(leader);
        assertNotModified(conditional);
        follower.assertAnswered(200, "mine");
        assertThat(client.origin().requests()).isEqualTo(2);
    }

    @Test
    void followers_of_a_private_response_ask_for_themselves() {
        Client client = clientWithStaleResponse(Policy.rfc9111());
        Received leader = client.send(KNOWN);
        Received follower = client.send(KNOWN);
        client.origin().call(1).head(MINE.cacheControl("private"));
        client.origin().call(2).head(MINE.cacheControl("private"));
        assertNotModified(leader);
        assertNotModified(follower);
    }
}
