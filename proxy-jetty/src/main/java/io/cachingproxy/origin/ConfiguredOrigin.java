package io.cachingproxy.origin;

import io.cachingproxy.origin.balance.OriginSettings;
import java.net.URI;

/** An origin: its servers and their load balancing, and the connections to them. */
public record ConfiguredOrigin(OriginSettings settings, ConnectionSettings connections) {
    /** An origin with these servers and the defaults. */
    public static ConfiguredOrigin of(URI... urls) {
        return new ConfiguredOrigin(OriginSettings.of(urls), ConnectionSettings.DEFAULT);
    }
}
