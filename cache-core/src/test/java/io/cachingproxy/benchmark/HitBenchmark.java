package io.cachingproxy.benchmark;

import io.cachingproxy.Answer;
import io.cachingproxy.HttpCache;
import io.cachingproxy.Origin;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.policy.Reuse;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.policy.Terms;
import io.cachingproxy.testkit.Messages;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A hit from memory: making the key, deciding, and the whole way from request to answer. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HitBenchmark {
    private static final Headers PLAIN = Headers.of("Host", "example.org");

    private static final Headers BROWSER = Headers.of(
            "Host",
            "example.org",
            "Connection",
            "keep-alive",
            "sec-ch-ua",
            "\"Chromium\";v=\"142\", \"Not=A?Brand\";v=\"24\"",
            "sec-ch-ua-mobile",
            "?0",
            "sec-ch-ua-platform",
            "\"Linux\"",
            "User-Agent",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36",
            "Accept",
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
            "Sec-Fetch-Site",
            "same-origin",
            "Sec-Fetch-Mode",
            "navigate",
            "Accept-Encoding",
            "gzip, deflate, br, zstd",
            "Accept-Language",
            "en-GB,en;q=0.9,de;q=0.8",
            "Cookie",
            "session=0123456789abcdef");

    @Param({"plain", "browser", "vary"})
    public String request = "";

    private final Policy policy = Policy.standard(Policy.DEFAULT_TTL);
    private final Terms terms = Terms.of(policy);
    private final HttpCache cache = HttpCache.builder().policy(policy).build();
    private final Target target = new Target("http", "example.org", "/articles/2026/11/22?page=2");
    private Headers headers = Headers.EMPTY;
    private RequestHead head = Messages.get().head();
    private List<StoredResponse> stored = List.of();

    @Setup
    public void store() {
        headers = request.equals("plain") ? PLAIN : BROWSER;
        head = new RequestHead("GET", target, headers);
        Messages.Response response = Messages.response(200)
                .header("Date", "Sun, 22 Nov 2026 12:00:00 GMT")
                .header("Content-Type", "text/html")
                .header("Last-Modified", "Sat, 21 Nov 2026 12:00:00 GMT")
                .header("ETag", "\"6740a5f0-400\"")
                .header("Content-Length", "1024")
                .header("Cache-Control", "public, max-age=31536000");
        Messages.Response varied = request.equals("vary") ? response.header("Vary", "Accept-Encoding") : response;
        Origin origin = (asked, body, exchange) -> {
            exchange.onHead(varied.head());
            exchange.onBody(Chunk.of(ByteBuffer.allocate(1024)), () -> {});
            exchange.onComplete(Headers.EMPTY);
        };
        serve(origin);
        stored = cache.store().find(CacheKey.of(head)).toCompletableFuture().join();
        if (!serve(origin).head().headers().contains("Age")) {
            throw new IllegalStateException("this would not measure hits");
        }
    }

    private Answer serve(Origin origin) {
        return cache.serve(new RequestHead("GET", target, headers), Content.empty(), origin)
                .toCompletableFuture()
                .join();
    }

    /** The key and its hash, as the store asks for it. */
    @Benchmark
    public int key() {
        return CacheKey.of(head).hashCode();
    }

    /** From the request to the decision: its directives, the key, the store, the rules. */
    @Benchmark
    public Decision decision() {
        RequestHead asked = new RequestHead("GET", target, headers);
        List<StoredResponse> found =
                cache.store().find(CacheKey.of(asked)).toCompletableFuture().join();
        return Reuse.decide(terms, asked, found, Instant.now());
    }

    /** The rules alone. */
    @Benchmark
    public Decision rules() {
        return Reuse.decide(terms, head, stored, Instant.now());
    }

    /** From the request to the answer, its head made and its content at hand. */
    @Benchmark
    public Answer answer() {
        return serve((asked, body, exchange) -> {
            throw new IllegalStateException("a miss");
        });
    }
}
