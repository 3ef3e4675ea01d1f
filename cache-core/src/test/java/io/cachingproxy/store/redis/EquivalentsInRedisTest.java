package io.cachingproxy.store.redis;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.HttpCache;
import io.cachingproxy.http.Target;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.Messages.Response;
import io.cachingproxy.testkit.RedisServers;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** No-Vary-Search on two nodes with one Redis. */
class EquivalentsInRedisTest {
    private static final Response MINUTE = response(200).cacheControl("max-age=60");
    private static final CacheKey RULE = new CacheKey("NO-VARY-SEARCH", new Target("http", "example.org", "/p"));

    @RegisterExtension
    static final RedisServers SERVERS = new RedisServers();

    private final String prefix = "test-" + UUID.randomUUID();
    private final RedisStore store = connect();
    private final RedisStore otherStore = connect();
    private final Client client = node(store);
    private final Client other = node(otherStore);

    private RedisStore connect() {
        return Stores.ready(RedisStore.at(SERVERS.url()).prefix(prefix));
    }

    private static Client node(RedisStore store) {
        return new Client(HttpCache.builder().store(store).build());
    }

    @AfterEach
    void close() {
        client.cache().close();
        other.cache().close();
    }

    private boolean knowsRule(RedisStore node) {
        return !node.find(RULE).toCompletableFuture().join().isEmpty();
    }

    private int status(String target) {
        return other.send(get(target).cacheControl("only-if-cached"))
                .answer()
                .join()
                .head()
                .status();
    }

    @Test
    void a_node_answers_an_equivalent_url_from_what_another_one_stored_until_it_is_withdrawn() {
        client.send(get("/p?id=1&t=1"));
        await().until(() -> client.origin().requests() == 1);
        client.origin().last().answer(MINUTE.header("No-Vary-Search", "params=(\"t\")"), "stored");
        await().until(() -> knowsRule(otherStore));
        await().until(() -> status("/p?id=1&t=2") == 200);
        assertThat(status("/p?id=2&t=2")).isEqualTo(504);

        client.send(get("/p?id=1&t=9").cacheControl("no-cache"));
        await().until(() -> client.origin().requests() == 2);
        client.origin().last().answer(MINUTE, "of its own");
        await().until(() -> !knowsRule(otherStore));
        assertThat(status("/p?id=1&t=3")).isEqualTo(504);
    }
}
