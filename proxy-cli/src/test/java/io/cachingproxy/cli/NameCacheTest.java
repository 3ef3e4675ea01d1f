package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.origin.ConfiguredOrigin;
import io.cachingproxy.origin.ConnectionSettings;
import io.cachingproxy.origin.balance.OriginSettings;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.rules.Rules;
import io.cachingproxy.rules.Site;
import io.cachingproxy.rules.Sites;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How long the JVM keeps the addresses of names. */
class NameCacheTest {
    private static Optional<Long> seconds(Duration... intervals) {
        Map<String, ConfiguredOrigin> origins = new HashMap<>();
        OriginSettings settings = OriginSettings.of(URI.create("http://shop.test"));
        origins.put("without", new ConfiguredOrigin(settings, ConnectionSettings.DEFAULT));
        Arrays.stream(intervals)
                .forEach(it -> origins.put(
                        it.toString(), new ConfiguredOrigin(settings.resolving(it), ConnectionSettings.DEFAULT)));
        Sites sites = Sites.of(Site.everything(Policy.rfc9111(), Rules.NONE));
        return NameCache.seconds(new Settings.Routes(Optional.empty(), origins, sites, Set.of()));
    }

    @Test
    void addresses_are_kept_no_longer_than_the_shortest_interval_of_the_origins() {
        assertThat(seconds(Duration.ofSeconds(20), Duration.ofMillis(5_900))).contains(5L);
        assertThat(seconds(Duration.ofMillis(500))).contains(0L);
    }

    @Test
    void the_default_of_the_jvm_stays_without_a_shorter_interval() {
        assertThat(seconds()).isEmpty();
        assertThat(seconds(Duration.ofSeconds(30))).isEmpty();
    }
}
