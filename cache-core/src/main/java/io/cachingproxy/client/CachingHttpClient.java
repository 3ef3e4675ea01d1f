package io.cachingproxy.client;

import static io.cachingproxy.rules.Rule.rule;

import io.cachingproxy.CacheListener;
import io.cachingproxy.CacheRequest;
import io.cachingproxy.HttpCache;
import io.cachingproxy.HttpClientOrigin;
import io.cachingproxy.Origin;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.rules.Rule;
import io.cachingproxy.rules.Rules;
import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.MemoryStore;
import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.net.http.WebSocket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An {@link HttpClient} with a private cache (RFC 9111 §1.2.2) in front of another {@code HttpClient}.
 *
 * <pre>{@code
 * HttpClient client = CachingHttpClient.create();
 * HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
 * response.headers().firstValue("X-Cache"); // HIT or MISS
 * }</pre>
 *
 * <p>Each response has the fields {@code X-Cache}, {@code Cache-Status} (RFC 9211) and, from the cache, {@code Age}.
 * Cache-Control, conditions and ranges of the request are honoured: {@code only-if-cached} without a stored response is
 * answered with 504, and a matching {@code If-None-Match} with 304. Failures of the connection are the exceptions of the
 * platform's client, unless a stale response may be served instead.
 *
 * <h2>Users</h2>
 *
 * Stored responses belong to one user and are never given to another. By default, the values of Authorization and Cookie
 * in the request identify the user: requests with other credentials have other cache keys. {@link Builder#user} sets
 * another function, for credentials in other fields, or for users whose tokens change. A successful unsafe request, such
 * as a POST, invalidates the responses of its URL for all users (RFC 9111 §4.4).
 *
 * <h2>Redirects</h2>
 *
 * This client follows redirects, not the client behind it. Each request of the chain has its own cache key, and a
 * redirect is stored like other responses. Authorization and Cookie are not sent to another host, port or scheme.
 *
 * <h2>Limits</h2>
 *
 * Push promises are not relayed, {@code sslSession()} of a response is empty, {@code version()} of a response from the cache
 * is HTTP/1.1, and no {@code Authenticator} is supported: the application sets Authorization. TRACE and WebSocket connections
 * bypass the cache.
 */
public final class CachingHttpClient extends HttpClient implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CachingHttpClient.class);
    private static final long MAX_MEMORY = 256L << 20;
    private static final long MAX_OBJECT = 32L << 20;

    private final HttpClient client;
    private final boolean ownsClient;
    private final HttpCache cache;
    private final Function<HttpRequest, @Nullable String> user;
    private final Redirect followRedirects;
    private final @Nullable CookieHandler cookies;
    private final Duration timeout;
    private final Executor threads;
    private final AtomicBoolean warned = new AtomicBoolean();

    private CachingHttpClient(Builder builder) {
        HttpClient given = builder.client;
        client = given == null ? HttpClient.newHttpClient() : given;
        ownsClient = given == null;
        HttpClientOrigin.of(client); // checks its settings
        user = builder.user;
        followRedirects = builder.followRedirects;
        cookies = builder.cookies;
        timeout = builder.timeout;
        threads = client.executor().orElseGet(ForkJoinPool::commonPool);
        cache = builder.cache(threads);
    }

    /** A client with default settings, on {@link HttpClient#newHttpClient()}. */
    public static CachingHttpClient create() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** The cache, for purging and statistics. */
    public HttpCache cache() {
        return cache;
    }

    /**
     * Sends a request and waits for the response.
     *
     * @throws IOException as the platform's client does
     */
    @Override
    public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<T>> sent = sent(request, handler, true);
        try {
            return sent.get();
        } catch (InterruptedException interrupted) {
            sent.cancel(true);
            throw interrupted;
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof IOException broken) {
                throw broken;
            }
            if (cause instanceof RuntimeException refused) {
                throw refused;
            }
            throw new IOException(cause);
        }
    }

    /**
     * Sends a request. Cancelling the future cancels the exchange with the origin, unless the response is stored
     * already.
     */
    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, BodyHandler<T> handler) {
        return sent(request, handler, false);
    }

    /** Sends a request like {@link #sendAsync(HttpRequest, BodyHandler)}; push promises are not relayed. */
    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request, BodyHandler<T> handler, @Nullable PushPromiseHandler<T> pushes) {
        return sent(request, handler, false);
    }

    private <T> CompletableFuture<HttpResponse<T>> sent(HttpRequest request, BodyHandler<T> handler, boolean blocks) {
        Objects.requireNonNull(request);
        Objects.requireNonNull(handler);
        return request.method().equals("TRACE")
                ? client.sendAsync(request, handler)
                : new Sending<>(this, handler, blocks).begin(request);
    }

    /** The request with the cache key of its user; a request without a user bypasses the cache. */
    CacheRequest resolve(HttpRequest request, RequestHead head) {
        CacheRequest resolved = cache.resolve(head, null);
        String of = userOf(request);
        String apart = Fields.keyed(head.headers());
        CacheKey key = resolved.key();
        String parts = of == null ? "" : "user " + of.length() + ' ' + of + '\n' + apart;
        String all = key.parts() == null ? parts : parts + key.parts();
        return new CacheRequest(
                head,
                resolved.site(),
                resolved.treatment(),
                new CacheKey(key.method(), key.target(), key.contentDigest(), all),
                resolved.bypasses() || of == null,
                null);
    }

    private @Nullable String userOf(HttpRequest request) {
        try {
            return user.apply(request);
        } catch (RuntimeException broken) {
            if (warned.compareAndSet(false, true)) {
                LOG.warn("The function of the user fails, such requests bypass the cache: {}", broken.toString());
            }
            return null;
        }
    }

    /** The origin of one request. */
    Origin origin(Call call) {
        return HttpClientOrigin.of(call).withTimeout(timeout);
    }

    HttpClient client() {
        return client;
    }

    Executor threads() {
        return threads;
    }

    @Override
    public Optional<CookieHandler> cookieHandler() {
        return Optional.ofNullable(cookies);
    }

    @Override
    public Redirect followRedirects() {
        return followRedirects;
    }

    @Override
    public Optional<Duration> connectTimeout() {
        return client.connectTimeout();
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
        return Optional.empty();
    }

    @Override
    public Version version() {
        return client.version();
    }

    @Override
    public Optional<Executor> executor() {
        return client.executor();
    }

    @Override
    public WebSocket.Builder newWebSocketBuilder() {
        return client.newWebSocketBuilder();
    }

    /** Closes the cache, and the client behind it if {@link #create} or the builder made it; requests end first. */
    @Override
    public void close() {
        if (ownsClient && client instanceof AutoCloseable closeable) { // since Java 21
            try {
                closeable.close();
            } catch (Exception failed) {
                LOG.debug("The HTTP client cannot be closed", failed);
            }
        }
        cache.close();
    }

    @Override
    public String toString() {
        return "CachingHttpClient(" + client + ')';
    }

    /** The settings of a client; all have defaults. */
    public static final class Builder {
        private @Nullable HttpClient client;
        private Function<HttpRequest, @Nullable String> user = Fields::credentials;
        private Redirect followRedirects = Redirect.NEVER;
        private @Nullable CookieHandler cookies;
        private Duration timeout = Duration.ofDays(365);
        private Policy policy = Policy.privateCache();
        private List<Rule> rules = List.of();
        private @Nullable CacheStore store;
        private long maxObjectBytes = MAX_OBJECT;
        private @Nullable CacheListener listener;
        private @Nullable InstantSource clock;
        private String name = "http-client";

        private Builder() {}

        /**
         * The client that sends requests to origins; by default {@link HttpClient#newHttpClient()}. Its connect timeout,
         * TLS settings, proxy, version and executor are used. The caller closes it.
         *
         * @param value without redirects, cookie handler and authenticator, which {@link #build} rejects
         */
        public Builder client(HttpClient value) {
            client = value;
            return this;
        }

        /**
         * The user of a request; by default the values of its Authorization and Cookie. Users never share a stored
         * response. {@code request -> ""} has one user, for an application that sends all requests on its own behalf.
         *
         * @param value quick and without side effects; null, or an exception, makes the request bypass the cache
         */
        public Builder user(Function<HttpRequest, @Nullable String> value) {
            user = value;
            return this;
        }

        /** Whether this client follows redirects, five in a chain at most; by default never. */
        public Builder followRedirects(Redirect value) {
            followRedirects = value;
            return this;
        }

        /** The cookies of this client; by default none. Responses from the cache set none. */
        public Builder cookieHandler(CookieHandler value) {
            cookies = value;
            return this;
        }

        /**
         * The longest silence of an origin, more than 0; by default a year. The timeout of a request limits the wait for
         * the head of its response besides.
         */
        public Builder timeout(Duration value) {
            timeout = value;
            return this;
        }

        /** The policy; by default {@link Policy#privateCache}. */
        public Builder policy(Policy value) {
            policy = value;
            return this;
        }

        /** The rules; by default none. */
        public Builder rules(Rule... value) {
            rules = List.of(value);
            return this;
        }

        /**
         * The store, which the client closes; by default a {@link MemoryStore} of an eighth of the heap, at most
         * 256 MiB.
         */
        public Builder store(CacheStore value) {
            store = value;
            return this;
        }

        /** The longest body that is stored, in bytes; 32 MiB by default. */
        public Builder maxObjectBytes(long value) {
            maxObjectBytes = value;
            return this;
        }

        /** The listener for the events of the cache; by default none. */
        public Builder listener(CacheListener value) {
            listener = value;
            return this;
        }

        /** The clock; by default the system's. */
        public Builder clock(InstantSource value) {
            clock = value;
            return this;
        }

        /** The token that names this cache in Cache-Status; by default {@code http-client}. */
        public Builder name(String value) {
            name = value;
            return this;
        }

        /**
         * Creates the client.
         *
         * @throws IllegalArgumentException if the client behind it follows redirects, or has a cookie handler or an
         *     authenticator; or if the timeout is not positive
         */
        public CachingHttpClient build() {
            return new CachingHttpClient(this);
        }

        private HttpCache cache(Executor threads) {
            List<Rule> all = new ArrayList<>();
            all.add(rule("user").key(head -> "")); // tells the cache that a URL has several keys
            all.addAll(rules);
            HttpCache.Builder builder = HttpCache.builder()
                    .policy(policy)
                    .rules(Rules.of(all))
                    .maxObjectBytes(maxObjectBytes)
                    .name(name)
                    .executor(threads);
            long memory = Math.min(MAX_MEMORY, Runtime.getRuntime().maxMemory() / 8);
            builder.store(store == null ? new MemoryStore(memory, Math.min(maxObjectBytes, memory)) : store);
            if (listener != null) {
                builder.listener(listener);
            }
            if (clock != null) {
                builder.clock(clock);
            }
            return builder.build();
        }
    }

    /** The request's URL as the cache sees it: without user and fragment, in ASCII. */
    static URI url(URI uri) {
        URI ascii = URI.create(uri.toASCIIString());
        StringBuilder url = new StringBuilder(ascii.getScheme()).append("://").append(ascii.getHost());
        if (ascii.getPort() != -1) {
            url.append(':').append(ascii.getPort());
        }
        url.append(ascii.getRawPath());
        return URI.create(ascii.getRawQuery() == null ? url.toString() : url + "?" + ascii.getRawQuery());
    }
}
