package io.cachingproxy.client;

import java.net.URI;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The request that a redirect leads to (RFC 9110 §15.4). */
final class Redirection {
    /** The most redirects in a chain, as in the platform's client. */
    static final int MAX = Integer.getInteger("jdk.httpclient.redirects.retrylimit", 5);

    private static final Set<Integer> STATUSES = Set.of(301, 302, 303, 307, 308);

    /** Fields that are for one origin only. */
    private static final Set<String> FOR_ONE_ORIGIN = Set.of("authorization", "cookie", "host");

    private static final Set<String> CONDITIONS =
            Set.of("if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range");

    private Redirection() {}

    /** The next request; null if the response is not a redirect, or one that {@code follow} does not permit. */
    static @Nullable HttpRequest of(HttpRequest request, int status, HttpHeaders headers, Redirect follow) {
        Optional<String> location = headers.firstValue("Location");
        if (follow == Redirect.NEVER || !STATUSES.contains(status) || location.isEmpty()) {
            return null;
        }
        URI to;
        try {
            to = request.uri().resolve(URI.create(location.get()));
            return permits(follow, request.uri(), to) ? next(request, status, to) : null;
        } catch (IllegalArgumentException notAUrl) {
            return null;
        }
    }

    private static boolean permits(Redirect follow, URI from, URI to) {
        return follow == Redirect.ALWAYS || from.getScheme().equalsIgnoreCase(to.getScheme()) || isSecure(to);
    }

    private static boolean isSecure(URI uri) {
        return "https".equalsIgnoreCase(uri.getScheme());
    }

    private static HttpRequest next(HttpRequest request, int status, URI to) {
        boolean stays = isSameOrigin(request.uri(), to);
        String method = method(request.method(), status);
        boolean same = method.equals(request.method());
        HttpRequest.Builder next = HttpRequest.newBuilder(to);
        request.headers().map().forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            boolean sent = (stays || !FOR_ONE_ORIGIN.contains(lower))
                    && (same || !lower.startsWith("content-"))
                    && !CONDITIONS.contains(lower);
            if (sent) {
                values.forEach(value -> next.header(name, value));
            }
        });
        BodyPublisher body = same ? request.bodyPublisher().orElseGet(BodyPublishers::noBody) : BodyPublishers.noBody();
        if (method.equals("GET") && body.contentLength() == 0) {
            next.GET();
        } else {
            next.method(method, body);
        }
        request.timeout().ifPresent(next::timeout);
        request.version().ifPresent(next::version);
        return next.expectContinue(request.expectContinue()).build();
    }

    private static String method(String method, int status) {
        boolean becomesGet = status == 303 && !method.equals("HEAD") // RFC 9110 §15.4.4
                || (status == 301 || status == 302) && method.equals("POST"); // RFC 9110 §15.4.2
        return becomesGet ? "GET" : method;
    }

    private static boolean isSameOrigin(URI from, URI to) {
        return from.getScheme().equalsIgnoreCase(to.getScheme())
                && from.getHost().equalsIgnoreCase(to.getHost())
                && port(from) == port(to);
    }

    private static int port(URI uri) {
        return uri.getPort() != -1 ? uri.getPort() : isSecure(uri) ? 443 : 80;
    }
}
