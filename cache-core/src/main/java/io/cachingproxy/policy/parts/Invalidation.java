package io.cachingproxy.policy.parts;

import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.http.fields.CacheGroups;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The responses that an unsafe request invalidates (RFC 9111 §4.4). */
public final class Invalidation {
    private static final List<String> ALSO = List.of("Location", "Content-Location");

    private Invalidation() {}

    /**
     * The targets to be invalidated after {@code request} was answered by {@code response}: its own, and those named by
     * Location and Content-Location on the same origin. None for a safe method or an error.
     */
    public static Set<Target> targets(RequestHead request, ResponseHead response) {
        if (request.isSafe() || !response.isNonError()) {
            return Set.of();
        }
        Set<Target> targets = new LinkedHashSet<>();
        targets.add(request.target());
        for (String field : ALSO) {
            String reference = response.headers().first(field);
            if (reference != null) {
                add(targets, request.target(), reference.strip());
            }
        }
        return targets;
    }

    /** The groups of the origin to be invalidated (RFC 9875 §3); none for a safe method or an error. */
    public static Set<String> groups(RequestHead request, ResponseHead response) {
        return request.isSafe() || !response.isNonError() ? Set.of() : CacheGroups.invalidated(response.headers());
    }

    private static void add(Set<Target> targets, Target base, String reference) {
        Target target = resolve(base, reference);
        if (target != null
                && target.scheme().equals(base.scheme())
                && target.authority().equals(base.authority())) {
            targets.add(target);
        }
    }

    /** Whether {@code reference} resolves to {@code base} itself. */
    public static boolean isSame(Target base, @Nullable String reference) {
        return reference != null && base.equals(resolve(base, reference.strip()));
    }

    private static @Nullable Target resolve(Target base, String reference) {
        try {
            URI uri = new URI(base.url()).resolve(reference);
            if (uri.getScheme() == null || uri.getRawAuthority() == null) {
                return null;
            }
            String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
            String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
            return new Target(
                    uri.getScheme().toLowerCase(Locale.ROOT),
                    uri.getRawAuthority().toLowerCase(Locale.ROOT),
                    path + query);
        } catch (URISyntaxException | IllegalArgumentException notAUri) {
            return null; // an invalid reference invalidates nothing
        }
    }
}
