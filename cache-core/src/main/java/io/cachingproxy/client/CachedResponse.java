package io.cachingproxy.client;

import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A response of {@link CachingHttpClient}.
 *
 * @param before the redirect that led to it; null without one
 */
record CachedResponse<T extends @Nullable Object>(
        HttpRequest request,
        int statusCode,
        HttpHeaders headers,
        Version version,
        @Nullable HttpResponse<T> before,
        T body)
        implements HttpResponse<T> {
    @Override
    public Optional<HttpResponse<T>> previousResponse() {
        return Optional.ofNullable(before);
    }

    @Override
    public Optional<SSLSession> sslSession() {
        return Optional.empty();
    }

    @Override
    public URI uri() {
        return request.uri();
    }

    @Override
    public String toString() {
        return "(" + request.method() + ' ' + request.uri() + ") " + statusCode;
    }
}
