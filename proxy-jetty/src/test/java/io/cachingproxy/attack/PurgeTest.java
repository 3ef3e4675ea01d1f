package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.HttpCache;
import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.Purge;
import io.cachingproxy.testkit.ForwardingStore;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** PURGE on the port of the clients: from nobody, unless the configuration says from whom. */
class PurgeTest {
    private static final String PURGE = "PURGE /kept HTTP/1.1\r\nHost: localhost\r\n\r\n";

    @Nested
    class FromNobody extends Attack {
        @Test
        void is_refused_and_neither_purges_nor_reaches_the_origin() throws IOException {
            assertPurgeIs(405, this, "HIT");
        }
    }

    @Nested
    class FromElsewhere extends Attack {
        @Override
        ProxyServer.Builder configured(ProxyServer.Builder builder) {
            return builder.purgeFrom(AddressRanges.parse("10.0.0.0/8, 127.0.0.2, ::2"));
        }

        @Test
        void is_forbidden_and_neither_purges_nor_reaches_the_origin() throws IOException {
            assertPurgeIs(403, this, "HIT");
        }
    }

    @Nested
    class FromHere extends Attack {
        @Override
        ProxyServer.Builder configured(ProxyServer.Builder builder) {
            return builder.purgeFrom(AddressRanges.parse("127.0.0.0/8"));
        }

        @Test
        void purges_the_url_and_nothing_else() throws IOException {
            victim("/other");
            assertPurgeIs(204, this, "MISS");
            assertThat(victim("/other").field("X-Cache")).isEqualTo("HIT");
        }

        @Test
        void with_content_keeps_the_connection_if_that_has_come_and_ends_it_if_not() throws IOException {
            String purge = "PURGE /kept HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n";
            RawClient whole = attacker();
            Message kept = whole.send(purge + "{}").response();
            assertThat(kept.status()).isEqualTo(204);
            assertThat(kept.field("Connection")).isEmpty();
            assertThat(whole.send(PURGE).response().status()).isEqualTo(204);

            RawClient halves = attacker();
            Message ended = halves.send(purge).response();
            assertThat(ended.status()).isEqualTo(204);
            assertThat(ended.field("Connection")).isEqualTo("close");
        }

        @Test
        void every_one_of_thousands_on_a_connection_is_answered() throws IOException {
            RawClient client = attacker();
            long until = System.nanoTime() + Duration.ofSeconds(8).toNanos();
            for (int i = 0; i < 6000 && System.nanoTime() < until; i++) {
                assertThat(client.send(PURGE).response().status()).isEqualTo(204);
            }
        }
    }

    @Nested
    class NotConfirmed extends Attack {
        @Override
        ProxyServer.Builder configured(ProxyServer.Builder builder) {
            HttpCache cache =
                    HttpCache.builder().store(new Alone(store)).clock(clock).build();
            return builder.cache(cache).purgeFrom(AddressRanges.parse("127.0.0.0/8"));
        }

        @Test
        void holds_here_and_is_answered_202_with_the_reason() throws IOException {
            assertPurgeIs(202, this, "MISS");
            assertThat(attacker().send(PURGE).response().body())
                    .asString()
                    .startsWith("Not confirmed by the shared store: purged on this instance only");
        }
    }

    /** A store that is shared with others, none of whom confirms anything. */
    private static final class Alone extends ForwardingStore {
        Alone(CacheStore here) {
            super(here);
        }

        @Override
        public CompletionStage<Confirmation> purge(Purge purge) {
            return super.purge(purge).thenApply(done -> Confirmation.PENDING);
        }
    }

    private static void assertPurgeIs(int status, Attack on, String afterwards) throws IOException {
        on.victim("/kept");
        Message answer = on.attacker().send(PURGE).response();
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.field("Cache-Control")).isEqualTo("no-store");
        assertThat(on.victim("/kept").field("X-Cache")).isEqualTo(afterwards);
    }
}
