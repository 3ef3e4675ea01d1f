package io.cachingproxy;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Explanations beside behaviour, at length and with new traffic in each run. */
class ExplanationStressIT {
    @Test
    void what_is_explained_is_what_happens_in_100_000_exchanges() {
        long first = new Random().nextLong();
        for (int i = 0; i < 10_000; i++) {
            new ExplainedTraffic(first + i).run(10);
        }
    }
}
