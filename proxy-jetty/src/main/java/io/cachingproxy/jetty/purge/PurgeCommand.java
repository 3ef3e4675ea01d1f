package io.cachingproxy.jetty.purge;

import java.util.List;

/**
 * What a client wants to purge.
 *
 * @param hard what is removed
 * @param soft what is made stale
 * @param counted whether the client expects the numbers of purged objects
 */
public record PurgeCommand(List<What> hard, List<What> soft, boolean counted) {
    /** The stored responses concerned. */
    public sealed interface What {
        /** The host and optional port of a client's request, which selects the site. */
        String host();

        /** The path, with or without a query. */
        record Url(String host, String path) implements What {}

        /** All URLs of the host that begin with this path. */
        record Prefix(String host, String path) implements What {}

        /** The responses of the site with this tag. */
        record Tag(String host, String tag) implements What {}

        /** All responses of the site. */
        record Everything(String host) implements What {}
    }

    /** Thrown for a request that cannot be translated exactly; the message is one line. */
    public static final class Unclear extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        Unclear(String message) {
            super(message);
        }
    }
}
