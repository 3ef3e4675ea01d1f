package io.cachingproxy.benchmark;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.rules.Match;
import io.cachingproxy.rules.MatchProbe;
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

/** Fifty rules, of which one matches: which of them do, of a request whose target is new each time. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MatchBenchmark {
    private static final int RULES = 50;

    /** All apart from the first characters on; all alike for long; endings; all of these, and methods and cookies. */
    @Param({"apart", "alike", "endings", "mixed"})
    public String rules = "";

    @Param({"/products/category-7/item?utm_source=x", "/products/%63ategory-7/item"})
    public String path = "";

    private final List<MatchProbe> probes = new ArrayList<>();

    @Setup
    public void build() {
        for (int i = 0; i < RULES; i++) {
            probes.add(new MatchProbe(match(i)));
        }
    }

    private Match match(int i) {
        return switch (rules) {
            case "apart" -> Match.ALL.path("/" + (char) ('a' + i % 26) + i + "/**");
            case "alike" -> Match.ALL.path("/products/category-" + i + "/**");
            case "endings" -> Match.ALL.path("/**.{css,js,png,woff" + i + "}");
            default ->
                i % 10 == 0
                        ? Match.ALL.path("/**.{css,js,png,woff2}")
                        : i % 10 == 1
                                ? Match.ALL.path("/shop-" + i + "/**").cookie("session", "*")
                                : i % 10 == 2
                                        ? Match.ALL
                                                .path("/products/*/reviews-" + i)
                                                .method("GET")
                                        : Match.ALL.path("/products/category-" + i + "/**", "/p" + i);
        };
    }

    @Benchmark
    public int fiftyRules() {
        RequestHead request = new RequestHead("GET", new Target("https", "shop.example.com", path), Headers.EMPTY);
        int matching = 0;
        for (int i = 0; i < probes.size(); i++) {
            matching += probes.get(i).holds(request) ? 1 : 0;
        }
        return matching;
    }
}
