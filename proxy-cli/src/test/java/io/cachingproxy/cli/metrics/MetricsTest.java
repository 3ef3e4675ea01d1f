package io.cachingproxy.cli.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.CacheListener;
import io.cachingproxy.jetty.events.Redaction;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class MetricsTest {
    /** One listener that observes hits makes the cache report each hit, at the cost of a tenth of the hit. */
    @Test
    void no_listener_of_the_cache_observes_hits_because_the_proxy_reports_them() {
        try (Metrics metrics = new Metrics(InstantSource.system(), new Redaction(Redaction.DEFAULT))) {
            assertThat(metrics.cacheListeners()).isNotEmpty().noneMatch(CacheListener::observesHits);
        }
    }
}
