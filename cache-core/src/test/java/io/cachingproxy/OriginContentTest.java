package io.cachingproxy;

import static io.cachingproxy.rules.Rule.rule;
import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.coding.ContentCoding;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.rules.Rules;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.ManualClock;
import io.cachingproxy.testkit.Messages.Response;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The content of responses as listeners receive it. */
class OriginContentTest {
    private static final Response MINUTE =
            response(200).cacheControl("max-age=60").header("ETag", "\"1\"");

    private final List<String> events = new ArrayList<>();
    private final ManualClock clock = ManualClock.atNoon();

    /** A listener of responses to GET. */
    private final class Recorder implements CacheListener {
        private final String name;

        Recorder(String name) {
            this.name = name;
        }

        @Override
        public @Nullable ContentListener onOriginContent(CacheRequest request, ResponseHead head) {
            if (request.head().target().path().equals("/ignored")) {
                return null;
            }
            events.add(name + "head " + head.status());
            return new ContentListener() {
                @Override
                public void onContent(ByteBuffer bytes) {
                    events.add(name + StandardCharsets.UTF_8.decode(bytes));
                }

                @Override
                public void onEnd(boolean complete) {
                    events.add(name + (complete ? "end" : "broken"));
                }
            };
        }
    }

    private Client client(CacheListener... listeners) {
        HttpCache.Builder cache = HttpCache.builder()
                .clock(clock)
                .executor(Runnable::run)
                .rules(Rules.of(rule("gzip").path("/text").compress(ContentCoding.GZIP)));
        for (CacheListener listener : listeners) {
            cache.listener(listener);
        }
        return new Client(cache.build());
    }

    private final Client client = client(new Recorder(""));

    @Test
    void the_content_of_a_response_is_received_once_in_pieces_and_hits_have_none() {
        client.send(get());
        client.send(get()); // coalesced
        client.origin().last().head(MINUTE).body("one").body("two").complete();
        client.send(get()).assertHit("onetwo");
        assertThat(events).containsExactly("head 200", "one", "two", "end");
    }

    @Test
    void each_listener_reads_all_of_the_content_and_the_client_too() {
        Client both = client(new Recorder("a "), new Recorder("b "));
        both.send(get(), MINUTE, "text").assertMiss("text");
        assertThat(events).containsExactly("a head 200", "b head 200", "a text", "b text", "a end", "b end");
    }

    @Test
    void content_is_received_before_the_cache_encodes_it() {
        String text = "text ".repeat(100);
        client.send(
                get("/text").header("Accept-Encoding", "gzip"),
                response(200).header("Content-Type", "text/plain"),
                text);
        assertThat(events).containsExactly("head 200", text, "end");
    }

    @Test
    void a_304_to_the_cache_has_an_end_and_no_content() {
        client.send(get(), MINUTE, "text");
        events.clear();
        clock.advance(61);
        client.send(get());
        client.origin()
                .last()
                .head(response(304).header("ETag", "\"1\"").cacheControl("max-age=60"))
                .complete();
        assertThat(events).containsExactly("head 304", "end");
    }

    @Test
    void a_response_that_is_truncated_or_fails_is_reported_as_incomplete() {
        client.send(get());
        client.origin()
                .last()
                .head(MINUTE.header("Content-Length", "5"))
                .body("abc")
                .complete();
        client.send(get("/b"));
        client.origin().last().head(MINUTE).body("abc").fail(OriginException.Kind.FAILED);
        assertThat(events).containsExactly("head 200", "abc", "broken", "head 200", "abc", "broken");
    }

    @Test
    void the_stored_beginning_of_a_partial_response_is_part_of_the_content() {
        client.send(get().header("Range", "bytes=0-2"));
        client.origin()
                .last()
                .answer(
                        response(206)
                                .cacheControl("max-age=60")
                                .header("ETag", "\"1\"")
                                .header("Content-Range", "bytes 0-2/6"),
                        "abc");
        events.clear();
        client.send(get());
        client.origin()
                .last()
                .answer(
                        response(206)
                                .cacheControl("max-age=60")
                                .header("ETag", "\"1\"")
                                .header("Content-Range", "bytes 3-5/6"),
                        "def");
        assertThat(events).containsExactly("head 200", "abc", "def", "end");
    }

    @Test
    void a_response_of_no_interest_is_not_received() {
        client.send(get("/ignored"), MINUTE, "text").assertMiss("text");
        assertThat(events).isEmpty();
    }

    @Test
    void a_listener_that_writes_or_fails_affects_neither_the_response_nor_other_listeners() {
        CacheListener broken = new CacheListener() {
            @Override
            public ContentListener onOriginContent(CacheRequest request, ResponseHead head) {
                return new ContentListener() {
                    @Override
                    public void onContent(ByteBuffer bytes) {
                        try {
                            bytes.put(0, (byte) 'x');
                        } catch (ReadOnlyBufferException e) {
                            events.add("read-only");
                        }
                        throw new IllegalStateException("a defect");
                    }

                    @Override
                    public void onEnd(boolean complete) {
                        throw new IllegalStateException("a defect");
                    }
                };
            }
        };
        client(broken, new Recorder("")).send(get(), MINUTE, "text").assertMiss("text");
        assertThat(events).containsExactly("head 200", "read-only", "text", "end");
    }
}
