package io.cachingproxy.store.redis.entries;

import io.cachingproxy.http.Body;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.key.Selection;
import io.cachingproxy.policy.Freshness;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.policy.Receipt;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.policy.Terms;
import io.cachingproxy.store.redis.bodies.InlineBody;
import io.cachingproxy.store.redis.bodies.SharedBody;
import io.cachingproxy.testkit.Messages;
import io.cachingproxy.testkit.StoredResponses;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A stored response to and from the bytes that Redis keeps, its body among them. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EntryCodecBenchmark {
    private static final String ID = "0123456789abcdef0123456789abcdef";

    @Param({"1024", "32768"})
    public int length;

    private final CacheKey key = StoredResponses.key("/articles/2026/11/22?page=2");
    private SharedBody body = new InlineBody(ID, 7, ByteBuffer.allocate(0), 0);
    private StoredResponse response = StoredResponses.response();
    private byte[] bytes = {};

    @Setup
    public void encodeOnce() {
        Messages.Response received = Messages.response(200)
                .header("Date", "Sun, 22 Nov 2026 12:00:00 GMT")
                .header("Content-Type", "text/html")
                .header("Last-Modified", "Sat, 21 Nov 2026 12:00:00 GMT")
                .header("ETag", "\"6740a5f0-400\"")
                .header("Content-Length", Integer.toString(length))
                .header("Cache-Control", "public, max-age=31536000");
        Instant now = Instant.now();
        body = new InlineBody(ID, 7, ByteBuffer.allocate(length), 0);
        response = new StoredResponse(
                received.head(),
                Selection.ANY,
                Freshness.of(Terms.of(Policy.rfc9111()), received.head(), new Receipt(now, Duration.ZERO)),
                Body.EMPTY);
        bytes = encode();
        if (decode() == null) {
            throw new IllegalStateException("this would not measure decoding");
        }
    }

    @Benchmark
    public byte[] encode() {
        return EntryCodec.encode(key, response, body);
    }

    @Benchmark
    public @Nullable StoredResponse decode() {
        return EntryCodec.decode(
                key,
                ID,
                ByteBuffer.wrap(bytes),
                42,
                (from, to, begun) -> CompletableFuture.failedFuture(new IOException()));
    }
}
