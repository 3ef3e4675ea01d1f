package io.cachingproxy.store;

import io.cachingproxy.http.Target;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An operator's word that what was stored so far is out of date. It holds for everything whose fill began before it,
 * however late that is committed.
 *
 * @param scope what is purged
 * @param staleFrom null: it is gone (hard); else it is stale from then on (soft), so that it may still be validated, or
 *     served while it is validated or in place of an error
 */
public record Purge(Scope scope, @Nullable Instant staleFrom) {
    /** Which stored responses are meant. */
    public sealed interface Scope {
        /** The only origin that it concerns ({@link Target#origin()}), or null if it may concern several. */
        @Nullable
        String origin();

        /** Those of this URL, all methods and variants. */
        record Url(Target target) implements Scope {
            @Override
            public String origin() {
                return target.origin();
            }
        }

        /** Those whose URL begins with these characters, as in {@link Target#url()}. */
        record Prefix(String url) implements Scope {
            @Override
            public @Nullable String origin() {
                int authority = url.indexOf("://");
                int path = authority < 0 ? -1 : url.indexOf('/', authority + 3);
                return path < 0 ? null : url.substring(0, path);
            }
        }

        /**
         * Those with this tag in one of the fields for tags, such as Surrogate-Key or Cache-Tag.
         *
         * @param origin {@link Target#origin()}; null: of every origin that shares the store
         */
        record Tag(@Nullable String origin, String tag) implements Scope {
            /** Those of every origin that shares the store. */
            public Tag(String tag) {
                this(null, tag);
            }
        }

        /**
         * Those that belong to this group by their Cache-Groups (RFC 9875).
         *
         * @param origin {@link Target#origin()}; null: of every origin that shares the store
         */
        record Group(@Nullable String origin, String group) implements Scope {
            public static Group of(Target target, String group) {
                return new Group(target.origin(), group);
            }
        }

        /**
         * All.
         *
         * @param origin {@link Target#origin()}; null: of every origin that shares the store
         */
        record All(@Nullable String origin) implements Scope {
            /** Those of every origin that shares the store. */
            public All() {
                this(null);
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
