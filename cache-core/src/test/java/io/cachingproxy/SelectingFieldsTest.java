package io.cachingproxy;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.Client.Received;
import io.cachingproxy.testkit.Messages.Request;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** A response is selected by the fields that were forwarded for it, not by those that arrived. */
class SelectingFieldsTest {
    private static final List<String> NAMES = List.of("Origin", "X-A", "X-B", "TE", "Keep-Alive", "Accept");

    @Provide
    Arbitrary<Request> requests() {
        Arbitrary<String> options = Arbitraries.of("", "close", "X-A", "x-b", "keep-alive, X-A", "TE, X-B", "Origin");
        Arbitrary<List<String>> values = Arbitraries.of("", "1", "2").list().ofSize(NAMES.size());
        return Combinators.combine(options, values).as((connection, fields) -> {
            Request request = connection.isEmpty() ? get() : get().header("Connection", connection);
            for (int i = 0; i < NAMES.size(); i++) {
                request = fields.get(i).isEmpty() ? request : request.header(NAMES.get(i), fields.get(i));
            }
            return request;
        });
    }

    private static Headers forwarded(Request request) {
        Client client = new Client(HttpCache.builder().build());
        client.send(request);
        return client.origin().last().request().headers();
    }

    private static boolean sameIn(List<String> names, Headers one, Headers other) {
        return names.stream().allMatch(name -> one.all(name).equals(other.all(name)));
    }

    @Property
    void the_fields_that_select_are_those_that_are_forwarded(
            @ForAll("requests") Request first, @ForAll("requests") Request second) {
        Client client = new Client(HttpCache.builder().policy(Policy.rfc9111()).build());
        if (Refusal.of(first.head()) != null || Refusal.of(second.head()) != null) {
            return;
        }
        String vary = String.join(", ", NAMES);
        client.send(first, response(200).cacheControl("max-age=60").header("Vary", vary), "first");
        Received answer = client.send(second);
        assertThat(answer.isWaiting()).isNotEqualTo(sameIn(NAMES, forwarded(first), forwarded(second)));
    }

    @Test
    void a_field_that_connection_takes_away_does_not_select_for_those_who_send_it() {
        Client client = new Client(HttpCache.builder().build());
        client.send(
                get().header("Connection", "X-Tenant").header("X-Tenant", "victim"),
                response(200).cacheControl("max-age=60").header("Vary", "X-Tenant"),
                "nobody's");
        assertThat(client.origin().last().request().headers().contains("X-Tenant"))
                .isFalse();
        assertThat(client.send(get().header("X-Tenant", "victim")).isWaiting()).isTrue();
        client.send(get()).assertHit("nobody's");
    }

    @Test
    void a_response_whose_connection_lists_vary_still_varies_after_it_was_validated() {
        Client client = new Client(HttpCache.builder().policy(Policy.rfc9111()).build());
        client.send(
                get().header("X-A", "1"),
                response(200)
                        .cacheControl("max-age=0")
                        .header("ETag", "\"1\"")
                        .header("Vary", "X-A")
                        .header("Connection", "Vary"),
                "one");
        Received again = client.send(get().header("X-A", "1"));
        client.origin().last().head(response(304).cacheControl("max-age=60")).complete();
        again.assertHit("one");
        assertThat(client.send(get().header("X-A", "2")).isWaiting()).isTrue();
    }
}
