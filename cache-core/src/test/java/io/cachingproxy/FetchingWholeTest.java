package io.cachingproxy;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Content;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.Client.Received;
import io.cachingproxy.testkit.Messages.Request;
import io.cachingproxy.testkit.Messages.Response;
import org.junit.jupiter.api.Test;

/** A miss that is conditional only by the client, where the policy fetches the whole. */
class FetchingWholeTest {
    private static final Response TAGGED =
            response(200).cacheControl("max-age=60").header("ETag", "\"1\"");
    private static final Request KNOWN = get().header("If-None-Match", "\"1\"");

    private static Client client(Policy policy) {
        return new Client(HttpCache.builder().policy(policy).build());
    }

    private static boolean isForwardedWithCondition(Client client) {
        return client.origin().last().request().headers().contains("If-None-Match");
    }

    @Test
    void the_response_is_stored_and_the_client_gets_its_304() {
        Client client = client(Policy.rfc9111().fetchingWhole());
        Received received = client.send(KNOWN, TAGGED, "hello");
        assertThat(isForwardedWithCondition(client)).isFalse();
        assertThat(received.status()).isEqualTo(304);
        client.send(get()).assertHit("hello");
        assertThat(client.send(KNOWN).status()).isEqualTo(304);
        assertThat(client.origin().requests()).isEqualTo(1);
    }

    @Test
    void a_client_that_has_another_one_gets_the_whole() {
        Client client = client(Policy.rfc9111().fetchingWhole());
        client.send(get().header("If-None-Match", "\"0\""), TAGGED, "hello").assertMiss("hello");
        client.send(get()).assertHit("hello");
    }

    @Test
    void what_is_forwarded_past_the_store_keeps_its_conditions() {
        Client client = client(Policy.rfc9111().fetchingWhole());
        client.cache().forward(client.cache().resolve(KNOWN.head(), null), Content.empty(), client.origin());
        assertThat(isForwardedWithCondition(client)).isTrue();
    }

    @Test
    void other_policies_forward_the_condition_and_store_nothing() {
        Client client = client(Policy.rfc9111());
        client.send(KNOWN, response(304).header("ETag", "\"1\""), "");
        assertThat(isForwardedWithCondition(client)).isTrue();
        assertThat(client.send(get()).isWaiting()).isTrue();
    }
}
