package io.cachingproxy;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Body;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.Client.Received;
import io.cachingproxy.testkit.Messages.Response;
import io.cachingproxy.testkit.ScriptedOrigin;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A stored body that is lost while it is read, as one in Redis may be. */
class FarBodyTest {
    private static final Response TAGGED =
            response(200).cacheControl("max-age=60").header("ETag", "\"1\"").header("Content-Length", "10");

    private final BreakingStore store = new BreakingStore();
    private final HttpCache cache = HttpCache.builder().store(store).build();
    private final Client client = new Client(cache);
    private final ScriptedOrigin origin = client.origin();

    @BeforeEach
    void stored() {
        client.send(get(), TAGGED, "0123456789").assertMiss("0123456789");
    }

    @AfterEach
    void close() {
        cache.close();
    }

    private static Response part(String contentRange, String tag) {
        return response(206).header("ETag", tag).header("Content-Range", contentRange);
    }

    @Test
    void before_its_first_byte_it_is_a_miss() {
        store.breakAfter(0);
        Received received = client.send(get());
        assertThat(received.isWaiting()).isTrue();
        assertThat(origin.last().request().headers().first("Range")).isNull();
        origin.last().answer(TAGGED, "abcdefghij");
        received.assertMiss("abcdefghij");
    }

    @Test
    void after_some_bytes_the_origin_gives_the_rest() {
        store.breakAfter(4);
        Received received = client.send(get().header("If-Modified-Since", "Sat, 01 Jan 2000 00:00:00 GMT"));
        assertThat(received.text()).isEqualTo("0123");
        assertThat(origin.last().request().headers().first("Range")).isEqualTo("bytes=4-9");
        assertThat(origin.last().request().headers().first("If-Range")).isEqualTo("\"1\"");
        assertThat(origin.last().request().headers().first("If-Modified-Since")).isNull();
        origin.last().answer(part("bytes 4-9/10", "\"1\""), "456789");
        received.assertHit("0123456789");
    }

    @Test
    void the_rest_of_a_range_is_asked_for_by_its_place_in_the_whole() {
        store.breakAfter(2);
        Received received = client.send(get().header("Range", "bytes=3-7"));
        assertThat(received.text()).isEqualTo("34");
        assertThat(origin.last().request().headers().first("Range")).isEqualTo("bytes=5-7");
        origin.last().answer(part("bytes 5-7/10", "\"1\""), "567");
        received.assertAnswered(206, "34567");
    }

    @Test
    void what_the_origin_has_now_is_never_put_behind_what_it_had() {
        store.breakAfter(4);
        Received changed = client.send(get());
        changed.text();
        origin.last().answer(response(200).header("ETag", "\"2\""), "abcdefghij");
        assertThat(changed.isWhole()).isFalse();
        Received other = client.send(get());
        other.text();
        origin.last().answer(part("bytes 4-9/10", "\"2\""), "efghij");
        assertThat(other.isWhole()).isFalse();
        assertThat(other.text()).doesNotContain("efghij");
    }

    @Test
    void a_rest_that_breaks_off_too_breaks_the_answer() {
        store.breakAfter(4);
        Received received = client.send(get());
        received.text();
        origin.last().head(part("bytes 4-9/10", "\"1\"")).body("45").fail(OriginException.Kind.FAILED);
        assertThat(received.isWhole()).isFalse();
    }

    @Test
    void without_a_strong_validator_nobody_is_asked_for_the_rest() {
        Response weak = response(200).cacheControl("max-age=60").header("ETag", "W/\"1\"");
        client.send(get("/weak"), weak, "0123456789");
        store.breakAfter(4);
        Received received = client.send(get("/weak"));
        assertThat(received.isWhole()).isFalse();
        assertThat(origin.requests()).isEqualTo(2);
    }

    @Test
    void one_who_wants_nothing_from_the_origin_gets_a_504() {
        store.breakAfter(0);
        Received received = client.send(get().cacheControl("only-if-cached"));
        assertThat(received.status()).isEqualTo(504);
        assertThat(origin.requests()).isEqualTo(1);
    }

    /** A store whose bodies are elsewhere, and break off where the test says. */
    private static final class BreakingStore implements CacheStore {
        private final MemoryStore memory = new MemoryStore(1 << 20, 1 << 20);
        private int left = Integer.MAX_VALUE;

        void breakAfter(int bytes) {
            left = bytes;
        }

        @Override
        public CompletionStage<List<StoredResponse>> find(CacheKey key) {
            return memory.find(key)
                    .thenApply(found -> found.stream()
                            .map(response -> response.withBody(new Breaking(response.body(), left)))
                            .toList());
        }

        @Override
        public Fill fill(CacheKey key) {
            return memory.fill(key);
        }

        @Override
        public CompletionStage<Void> invalidate(CacheKey key) {
            return memory.invalidate(key);
        }

        @Override
        public CompletionStage<Confirmation> purge(Purge purge) {
            return memory.purge(purge);
        }

        @Override
        public CompletionStage<Void> clear() {
            return memory.clear();
        }

        @Override
        public void close() {
            memory.close();
        }
    }

    private record Breaking(Body body, int left) implements Body {
        @Override
        public long length() {
            return body.length();
        }

        @Override
        public boolean isHere() {
            return false;
        }

        @Override
        public Content read(long from, long count) {
            Content some = body.read(from, Math.min(count, left));
            return left >= count ? some : new Broken(some);
        }
    }

    private record Broken(Content content) implements Content {
        @Override
        public @Nullable Chunk read() throws IOException {
            Chunk chunk = content.read();
            if (chunk == END) {
                throw new IOException("gone");
            }
            return chunk;
        }

        @Override
        public void demand(Runnable ready) {
            content.demand(ready);
        }

        @Override
        public void cancel() {
            content.cancel();
        }
    }
}
