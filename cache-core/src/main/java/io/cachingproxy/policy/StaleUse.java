package io.cachingproxy.policy;

import io.cachingproxy.http.CacheControl;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The permitted use of a stale response (RFC 9111 §4.2.4, RFC 5861).
 *
 * @param mustRevalidate whether it must never be served stale, except for the times below
 * @param whileRevalidating how long after its lifetime it may be served while it is revalidated; zero if not at all
 * @param ifError how long after its lifetime it may be served in place of an error; zero if not at all
 */
public record StaleUse(boolean mustRevalidate, Duration whileRevalidating, Duration ifError) {
    /** The permitted use of a response without directives. */
    public static final StaleUse UNSTATED = new StaleUse(false, Duration.ZERO, Duration.ZERO);

    /** The permitted use by rules. */
    static StaleUse of(Lifetimes rules) {
        return new StaleUse(false, or(rules.whileRevalidating(), null), or(rules.ifError(), null));
    }

    /** The permitted use by the response, or by rules in place of it. */
    static StaleUse of(boolean shared, CacheControl control, Lifetimes rules) {
        boolean must = control.has("must-revalidate")
                || (shared && control.has("proxy-revalidate"))
                || (shared && control.has("s-maxage")); // RFC 9111 §5.2.2.8, §5.2.2.10
        Duration whileRevalidating = must ? null : control.seconds("stale-while-revalidate");
        Duration ifError = must ? null : control.seconds("stale-if-error");
        return new StaleUse(must, or(rules.whileRevalidating(), whileRevalidating), or(rules.ifError(), ifError));
    }

    private static Duration or(@Nullable Duration first, @Nullable Duration second) {
        Duration either = first == null ? second : first;
        return either == null ? Duration.ZERO : either;
    }
}
