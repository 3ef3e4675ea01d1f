package io.cachingproxy.store;

import io.cachingproxy.http.Hosts;
import io.cachingproxy.http.Target;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An operator's command to remove stored responses or make them stale. It applies to every response whose fill began
 * before it, however late that fill commits.
 *
 * @param scope the responses to purge
 * @param staleFrom null for a hard purge, which removes; else a soft purge: the responses are stale from then on, and
 *     may still be validated, or served while they are validated or in place of an error
 */
public record Purge(Scope scope, @Nullable Instant staleFrom) {
    /** The stored responses that a purge applies to. */
    public sealed interface Scope {
        /** The only origin that the scope applies to ({@link Target#origin()}), or null if there may be several. */
        @Nullable
        String origin();

        /** The scope of everything in the origin, or the hosts, of this scope. */
        default Scope whole() {
            return new All(origin());
        }

        /** The responses of this URL, all methods and variants. */
        record Url(Target target) implements Scope {
            @Override
            public String origin() {
                return target.origin();
            }
        }

        /** The responses whose URL begins with these characters, in the form of {@link Target#url()}. */
        record Prefix(String url) implements Scope {
            @Override
            public @Nullable String origin() {
                int authority = url.indexOf("://");
                int path = authority < 0 ? -1 : url.indexOf('/', authority + 3);
                return path < 0 ? null : url.substring(0, path);
            }
        }

        /**
         * The responses with this tag, given by a header field such as Surrogate-Key or Cache-Tag, or by a rule.
         *
         * @param origin {@link Target#origin()}; null: of every origin that shares the store
         */
        record Tag(@Nullable String origin, String tag) implements Scope {
            /** Creates the scope of this tag for every origin that shares the store. */
            public Tag(String tag) {
                this(null, tag);
            }
        }

        /**
         * The responses that belong to this group by their Cache-Groups (RFC 9875).
         *
         * @param origin {@link Target#origin()}; null: of every origin that shares the store
         */
        record Group(@Nullable String origin, String group) implements Scope {
            public static Group of(Target target, String group) {
                return new Group(target.origin(), group);
            }
        }

        /**
         * All responses.
         *
         * @param origin {@link Target#origin()}; null: of every origin that shares the store
         */
        record All(@Nullable String origin) implements Scope {
            /** Creates the scope of all responses of every origin that shares the store. */
            public All() {
                this(null);
            }
        }

        /**
         * The responses of a scope whose keys have the host of a site, whatever their port and scheme.
         *
         * @param hosts the hosts of the site
         * @param scope a tag, a group or all responses, of every origin
         */
        record OfHosts(Hosts hosts, Scope scope) implements Scope {
            @Override
            public @Nullable String origin() {
                return null;
            }

            @Override
            public Scope whole() {
                return new OfHosts(hosts, new All());
            }
        }
    }

    public static Purge hard(Scope scope) {
        return new Purge(scope, null);
    }

    public static Purge soft(Scope scope, Instant now) {
        return new Purge(scope, now);
    }
}
