package io.cachingproxy.cli;

import io.cachingproxy.origin.ConfiguredOrigin;
import java.security.Security;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The time for which the JVM keeps the addresses of names: by default 30 s, which would hide changes from lookups at shorter
 * intervals.
 */
final class NameCache {
    private static final String SECONDS = "networkaddress.cache.ttl";
    private static final Duration USUAL = Duration.ofSeconds(30);

    private NameCache() {}

    /** Shortens the time to the shortest interval of the origins. Takes effect before the first lookup of the JVM only. */
    static void shorten(Settings.Routes routes) {
        boolean isSet = Security.getProperty(SECONDS) != null || System.getProperty("sun.net.inetaddr.ttl") != null;
        if (!isSet) {
            seconds(routes).ifPresent(seconds -> Security.setProperty(SECONDS, Long.toString(seconds)));
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
