package io.cachingproxy.cli;

import io.cachingproxy.origin.ConfiguredOrigin;
import java.security.Security;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The time for which the JVM keeps the addresses of names, by default 30 s, and failed lookups, by default 10 s. Longer times
 * than the interval of lookups would hide changes.
 */
final class NameCache {
    private static final String SECONDS = "networkaddress.cache.ttl";
    private static final Duration USUAL = Duration.ofSeconds(30);
    private static final String FAILED_SECONDS = "networkaddress.cache.negative.ttl";
    /** The default in the file {@code java.security} of the JDK. */
    private static final long USUAL_FAILED = 10;

    private NameCache() {}

    /** Shortens the times to the shortest interval of the origins. Takes effect before the first lookup of the JVM only. */
    static void shorten(Settings.Routes routes) {
        boolean isSet = Security.getProperty(SECONDS) != null || System.getProperty("sun.net.inetaddr.ttl") != null;
        if (!isSet) {
            seconds(routes).ifPresent(seconds -> {
                Security.setProperty(SECONDS, Long.toString(seconds));
                if (Long.toString(USUAL_FAILED).equals(Security.getProperty(FAILED_SECONDS))) {
                    Security.setProperty(FAILED_SECONDS, Long.toString(Math.min(seconds, USUAL_FAILED)));
                }
            });
        }
    }

    /** The time in seconds; empty: the default of the JVM. */
    static Optional<Long> seconds(Settings.Routes routes) {
        return Stream.concat(routes.origin().stream(), routes.origins().values().stream())
                .map(ConfiguredOrigin::settings)
                .flatMap(origin -> origin.resolve().stream())
                .min(Duration::compareTo)
                .filter(every -> every.compareTo(USUAL) < 0)
                .map(Duration::toSeconds);
    }
}
