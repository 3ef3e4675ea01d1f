package io.cachingproxy.client;

import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.net.http.HttpResponse.ResponseInfo;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * The platform's client as the origin of one request. What the cache forwards gets the settings and fields of the caller's
 * request that a cache does not know or does not forward.
 */
final class Call extends HttpClient {
    private final HttpClient client;
    private final HttpRequest request;
    private final boolean ownBody;
    private volatile @Nullable CompletableFuture<?> sending;
    private volatile @Nullable Throwable failure;
    private volatile @Nullable ResponseInfo response;
    private volatile boolean cancelled;

    /**
     * Creates the call.
     *
     * @param ownBody whether the content of the request is sent by the publisher of the caller
     */
    Call(HttpClient client, HttpRequest request, boolean ownBody) {
        this.client = client;
        this.request = request;
        this.ownBody = ownBody;
    }

    /** Why the last exchange failed; null if it did not. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    /** The version of the origin's last response; HTTP/1.1 without one. */
    Version responseVersion() {
        ResponseInfo last = response;
        return last == null ? Version.HTTP_1_1 : last.version();
    }

    /** The fields of the origin's last response; null without one. */
    @Nullable
    HttpHeaders responseHeaders() {
        ResponseInfo last = response;
        return last == null ? null : last.headers();
    }

    /** Cancels what is sent, and sends nothing more. */
    void cancel() {
        cancelled = true;
        CompletableFuture<?> sent = sending;
        if (sent != null) {
            sent.cancel(true);
        }
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest forwarded, BodyHandler<T> handler) {
        if (cancelled) {
            return CompletableFuture.failedFuture(new CancellationException());
        }
        failure = null;
        CompletableFuture<HttpResponse<T>> sent = client.sendAsync(asCaller(forwarded), info -> {
            response = info;
            return handler.apply(info);
        });
        sending = sent;
        if (cancelled) {
            sent.cancel(true);
        }
        CompletableFuture<HttpResponse<T>> known = sent.whenComplete((whole, broken) -> {
            if (broken != null) {
                failure =
                        broken instanceof CompletionException && broken.getCause() != null ? broken.getCause() : broken;
            }
        });
        known.whenComplete((whole, broken) -> {
            if (known.isCancelled()) {
                sent.cancel(true); // a stage that depends on another does not cancel it
            }
        });
        return known;
    }

    private HttpRequest asCaller(HttpRequest forwarded) {
        HttpRequest.Builder message = HttpRequest.newBuilder(forwarded, (name, value) -> !Fields.isRestored(name));
        request.headers().map().forEach((name, values) -> {
            if (Fields.isRestored(name)) {
                values.forEach(value -> message.header(name, value));
            }
        });
        request.version().ifPresent(message::version);
        message.expectContinue(request.expectContinue());
        if (ownBody && forwarded.method().equals(request.method())) {
            request.bodyPublisher().ifPresent(body -> message.method(request.method(), body));
        }
        return message.build();
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest forwarded, BodyHandler<T> handler, @Nullable PushPromiseHandler<T> pushes) {
        return sendAsync(forwarded, handler);
    }

    @Override
    public <T> HttpResponse<T> send(HttpRequest forwarded, BodyHandler<T> handler)
            throws IOException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<CookieHandler> cookieHandler() {
        return client.cookieHandler();
    }

    @Override
    public Optional<Duration> connectTimeout() {
        return client.connectTimeout();
    }

    @Override
    public Redirect followRedirects() {
        return client.followRedirects();
    }

    @Override
    public Optional<ProxySelector> proxy() {
        return client.proxy();
    }

    @Override
    public SSLContext sslContext() {
        return client.sslContext();
    }

    @Override
    public SSLParameters sslParameters() {
        return client.sslParameters();
    }

    @Override
    public Optional<Authenticator> authenticator() {
        return client.authenticator();
    }

    @Override
    public Version version() {
        return client.version();
    }

    @Override
    public Optional<Executor> executor() {
        return client.executor();
    }
}
