package io.cachingproxy.benchmark;

import java.util.Collection;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs the benchmarks, those whose names match the argument, and fails if a decision allocates more than it may. Times
 * are only printed: they depend on the machine.
 */
public final class Benchmarks {
    /** What a decision about a hit may allocate, in bytes, also with rules. */
    private static final long DECISION_BYTES = 400;

    private Benchmarks() {}

    public static void main(String[] args) throws RunnerException {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include(args.length == 0 ? "io\\.cachingproxy\\..*Benchmark\\." : args[0])
                        .addProfiler(GCProfiler.class)
                        .forks(1)
                        .warmupIterations(3)
                        .warmupTime(TimeValue.seconds(1))
                        .measurementIterations(5)
                        .measurementTime(TimeValue.seconds(1))
                        .shouldFailOnError(true)
                        .build())
                .run();
        for (RunResult result : results) {
            Result<?> allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
            String benchmark = result.getParams().getBenchmark();
            if ((benchmark.endsWith(".decision") || benchmark.endsWith(".decided"))
                    && (allocated == null || Math.round(allocated.getScore()) > DECISION_BYTES)) {
                throw new IllegalStateException(
                        "a decision may allocate " + DECISION_BYTES + " bytes, and not: " + allocated);
            }
        }
    }
}
