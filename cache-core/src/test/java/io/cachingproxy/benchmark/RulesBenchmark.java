package io.cachingproxy.benchmark;

import static io.cachingproxy.rules.Rule.rule;

import io.cachingproxy.CacheRequest;
import io.cachingproxy.HttpCache;
import io.cachingproxy.Origin;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Reuse;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.rules.Rule;
import io.cachingproxy.rules.Rules;
import io.cachingproxy.testkit.Messages;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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

/** The decision about a hit in a cache with fifty rules, of which two match. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RulesBenchmark {
    private static final int RULES = 50;
    private static final Headers HEADERS =
            Headers.of("Host", "shop.example.com", "Accept-Encoding", "gzip", "Cookie", "session=0123456789abcdef");

    /** Whether the rules leave the key alone, or remove query parameters from it. */
    @Param({"plain", "query"})
    public String key = "";

    private final Target target =
            new Target("https", "shop.example.com", "/products/category-7/item?id=42&utm_source=newsletter");
    private HttpCache cache = HttpCache.builder().build();

    @Setup
    public void store() {
        List<Rule> rules = new ArrayList<>();
        rules.add(
                key.equals("query")
                        ? rule("tracking").keyDropsQuery("utm_*")
                        : rule("browsers").browserTtl(Duration.ofMinutes(1)));
        for (int i = 1; i < RULES; i++) {
            rules.add(
                    i % 10 == 0
                            ? rule("assets " + i).path("/**.{css,js,png,woff2}").ttl(Duration.ofDays(i))
                            : i % 10 == 1
                                    ? rule("shop " + i)
                                            .path("/shop-" + i + "/**")
                                            .cookie("session", "*")
                                            .bypass()
                                    : rule("category " + i)
                                            .path("/products/category-" + i + "/**")
                                            .ttl(Duration.ofSeconds(i * 1000)));
        }
        cache = HttpCache.builder().rules(Rules.of(rules)).build();
        Origin origin = (asked, body, exchange) -> {
            exchange.onHead(Messages.response(200).cacheControl("max-age=60").head());
            exchange.onBody(Chunk.of(ByteBuffer.allocate(1024)), () -> {});
            exchange.onComplete(Headers.EMPTY);
        };
        cache.serve(request(), Content.empty(), origin).toCompletableFuture().join();
        if (!(decided() instanceof Decision.Hit)) {
            throw new IllegalStateException("this would not measure hits");
        }
    }

    private RequestHead request() {
        return new RequestHead("GET", target, HEADERS);
    }

    /** From the request to the decision: site, rules, key, store, reuse. */
    @Benchmark
    public Decision decided() {
        CacheRequest request = cache.resolve(request(), null);
        List<StoredResponse> found = cache.store().findHere(request.key());
        return Reuse.decide(request.treatment(), request.head(), found, Instant.now());
    }

    /** The rules alone: which of them match. */
    @Benchmark
    public CacheRequest resolve() {
        return cache.resolve(request(), null);
    }
}
