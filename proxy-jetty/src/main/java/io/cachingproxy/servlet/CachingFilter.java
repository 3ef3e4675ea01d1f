package io.cachingproxy.servlet;

import io.cachingproxy.Answer;
import io.cachingproxy.CacheRequest;
import io.cachingproxy.Exchange;
import io.cachingproxy.HttpCache;
import io.cachingproxy.Refresh;
import io.cachingproxy.Step;
import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.store.MemoryStore;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A servlet filter that caches the responses of the filters and servlets behind it, by the rules of HTTP (RFC 9111).
 * Register the filter for the dispatcher types REQUEST and ASYNC, with async supported, after filters that evaluate
 * forwarded fields and before session and security filters. Regardless of the order, responses personal to a client are
 * never stored. Forwards, includes and error pages are part of the response of their original request: a filter that is
 * also mapped for these dispatcher types passes them through.
 *
 * <pre>{@code
 * CachingFilter filter = CachingFilter.builder(cache)
 *         .include("/products/*", "*.css")
 *         .exclude("/products/cart")
 *         .bypass(request -> request.getHeader("X-Preview") != null)
 *         .build();
 * }</pre>
 *
 * <p>In front of a {@link FetchingServlet} the cache runs its own fetch, so a client that disconnects does not abort
 * the response for other clients. In front of any other servlet the filter records the response while the servlet
 * writes it to its client.
 */
public final class CachingFilter implements Filter {
    private final @Nullable HttpCache given;
    private final Followers followers = new Followers();
    private final Setup setup = new Setup();
    private Predicate<HttpServletRequest> bypass;
    private @Nullable HttpCache cache;

    /**
     * A filter with its own cache in memory, closed by {@link #destroy}. Responses without explicit freshness are not
     * stored.
     */
    public CachingFilter() {
        this(null, request -> false);
    }

    /** A filter with the given cache. The caller closes the cache; {@link #destroy} does not. */
    public CachingFilter(HttpCache cache) {
        this(cache, request -> false);
    }

    private CachingFilter(@Nullable HttpCache cache, Predicate<HttpServletRequest> bypass) {
        this.given = cache;
        this.cache = cache;
        this.bypass = bypass;
    }

    /** A builder of filters with the given cache. The caller closes the cache; {@link #destroy} does not. */
    public static Builder builder(HttpCache cache) {
        return new Builder(cache);
    }

    /**
     * The cache of the filter in this application, for purges from code. With several filters: the cache of the filter
     * initialised last.
     *
     * @throws IllegalStateException if no filter has been initialised
     */
    public static HttpCache cache(ServletContext context) {
        if (context.getAttribute(HttpCache.class.getName()) instanceof HttpCache cache) {
            return cache;
        }
        throw new IllegalStateException("no CachingFilter is initialised in this servlet context");
    }

    @Override
    public void init(FilterConfig config) throws ServletException {
        HttpCache used = given == null ? InitParameters.cache(config) : given;
        cache = used;
        bypass = bypass.or(InitParameters.bypass(config));
        config.getServletContext().setAttribute(HttpCache.class.getName(), used);
        setup.begin(config);
    }

    @Override
    public void destroy() {
        if (given == null && cache != null) {
            cache.close();
        }
    }

    @Override
    public void doFilter(ServletRequest req, ServletResponse res, FilterChain chain)
            throws IOException, ServletException {
        HttpCache ready = cache;
        if (ready == null
                || !(req instanceof HttpServletRequest request)
                || !(res instanceof HttpServletResponse response)
                || isUpgrade(request)) {
            chain.doFilter(req, res);
        } else if (request.getDispatcherType() == DispatcherType.ASYNC) {
            ParkedRequest parked = ParkedRequest.of(request);
            if (parked != null) {
                goOn(parked, request, response, chain);
            } else if (!AnswerWriter.failed(request, response)) {
                Recording.resume(request, response, chain);
            }
        } else if (request.getDispatcherType() != DispatcherType.REQUEST || bypass.test(request)) {
            chain.doFilter(req, res);
        } else if (Recording.isRunning(request)) {
            setup.twice();
            chain.doFilter(req, res);
        } else {
            FetchingServlet servlet = FetchingServlet.of(request);
            if (servlet == null) {
                record(ready, request, response, chain);
            } else {
                fetch(ready, servlet, request, response);
            }
        }
    }

    private static void fetch(
            HttpCache cache, FetchingServlet servlet, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        RequestHead head = RequestHeads.of(request, servlet);
        AsyncContext async = head.hasBody() ? startAsync(request, response) : null;
        Content body = async == null ? Content.empty() : ServletBody.of(request.getInputStream());
        CompletableFuture<Answer> answer = cache.serve(
                        cache.resolve(head, () -> client(request), servlet.base()),
                        body,
                        servlet.origin(),
                        (status, headers) -> {})
                .toCompletableFuture();
        if (async == null && answer.isDone()) {
            AnswerWriter.write(answer.join(), request, response);
            return;
        }
        AsyncContext waiting = async == null ? startAsync(request, response) : async;
        answer.thenAccept(ready -> AnswerWriter.write(ready, waiting));
    }

    private static @Nullable InetAddress client(HttpServletRequest request) {
        String address = request.getRemoteAddr();
        return address == null ? null : AddressRanges.literal(address);
    }

    private static AsyncContext startAsync(HttpServletRequest request, HttpServletResponse response) {
        AsyncContext async = request.startAsync(request, response);
        async.setTimeout(0);
        return async;
    }

    private void record(HttpCache cache, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (request.getRequestedSessionId() != null) {
            setup.session(cache);
        }
        RequestHead head = RequestHeads.of(request, RequestHeads.target(request));
        CacheRequest resolved = cache.resolve(head, client(request));
        CompletableFuture<Step> opened = opened(cache, resolved);
        if (!opened.isDone()
                && ParkedRequest.permits(request, response)
                && setup.asyncRunsAll(request.getServletContext())) {
            ParkedRequest.park(opened, resolved.key(), request, response);
            return;
        }
        Step step = followers.await(cache, resolved, opened);
        goOn(step, resolved.key(), request, response, chain);
    }

    /** Looks the request up in the store. The thread waits for a remote store, at most until the store's deadline. */
    private static CompletableFuture<Step> opened(HttpCache cache, CacheRequest resolved) throws IOException {
        CompletableFuture<Step> opened = cache.open(resolved).toCompletableFuture();
        if (!opened.isDone() && !(cache.store() instanceof MemoryStore)) {
            try {
                opened.get(cache.store().deadline().toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException | ExecutionException later) {
                // the request waits for the response to another request
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                opened.thenAccept(Followers::discard);
                throw new InterruptedIOException("interrupted while the store was asked");
            }
        }
        return opened;
    }

    /**
     * Continues a parked request: runs the chain, or writes the response to another request. Tomcat wraps a runtime
     * exception of a dispatch twice, and then finds no error page for it.
     */
    private void goOn(ParkedRequest parked, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        try {
            goOn(parked.take(), parked.key(), new DispatchedRequest(request, parked.timeout()), response, chain);
        } catch (RuntimeException thrown) {
            if (ContainerResponse.isTomcats(response)) {
                throw new ServletException(thrown);
            }
            throw thrown;
        }
    }

    private void goOn(
            Step step, CacheKey key, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (step instanceof Step.Forward forward) {
            Followers.Need threads = followers.need(key, forward.exchange());
            Recording.run(forward.exchange(), request, response, chain, true, threads);
            return;
        }
        Step.Answered answered = (Step.Answered) step;
        Refresh refresh = answered.refresh();
        Exchange validation = refresh == null ? null : refresh.begin();
        if (validation == null) {
            AnswerWriter.write(answered.answer(), request, response);
        } else {
            answerFirst(answered.answer(), validation, request, response, chain, followers.need(key, validation));
        }
    }

    /** Answers with a stale response, then runs the chain on this thread to revalidate the stored one. */
    private static void answerFirst(
            Answer stale,
            Exchange validation,
            HttpServletRequest request,
            HttpServletResponse response,
            FilterChain chain,
            Followers.Need threads) {
        try {
            if (request.getProtocol().startsWith("HTTP/1")) {
                response.setHeader("Connection", "close"); // a next request on the connection would wait for the chain
            }
            AnswerWriter.writeAll(stale, request, response);
            response.getOutputStream().close();
        } catch (IOException | RuntimeException clientGone) {
            request.getServletContext().log("a stale answer was not delivered", clientGone);
        } catch (Error broken) {
            Followers.discard(new Step.Forward(validation));
            throw broken;
        }
        try {
            Recording.run(validation, request, response, chain, false, threads);
        } catch (IOException | ServletException | RuntimeException failed) {
            request.getServletContext().log("a stored response was not validated", failed);
        }
    }

    /** Whether the request asks to switch protocols, for example to WebSocket; an upgrade to h2c does not count. */
    private static boolean isUpgrade(HttpServletRequest request) {
        String protocol = request.getHeader("Upgrade");
        boolean upgrades = protocol != null && !protocol.strip().equalsIgnoreCase("h2c");
        return upgrades || request.getMethod().equals("CONNECT");
    }

    /**
     * Settings of a {@link CachingFilter}. By default every request that the filter is mapped for goes through the
     * cache.
     */
    public static final class Builder {
        private final HttpCache cache;
        private final List<String> included = new ArrayList<>();
        private final List<String> excluded = new ArrayList<>();
        private Predicate<HttpServletRequest> bypass = request -> false;

        private Builder(HttpCache cache) {
            this.cache = cache;
        }

        /**
         * Caches only these paths. Repeated calls add patterns.
         *
         * @param patterns URL patterns of the servlet specification, relative to the context: {@code /products/*}, {@code
         *     *.css} or {@code /exact}
         */
        public Builder include(String... patterns) {
            included.addAll(List.of(patterns));
            return this;
        }

        /**
         * Never caches these paths, even if they are included. Patterns have the form of {@link #include}; repeated calls
         * add patterns.
         */
        public Builder exclude(String... patterns) {
            excluded.addAll(List.of(patterns));
            return this;
        }

        /** Passes requests for which {@code test} is true to the chain without the cache. Repeated calls add tests. */
        public Builder bypass(Predicate<HttpServletRequest> test) {
            bypass = bypass.or(test);
            return this;
        }

        /**
         * Builds the filter.
         *
         * @throws IllegalArgumentException if a pattern is not a URL pattern of the servlet specification
         */
        public CachingFilter build() {
            return new CachingFilter(cache, bypass.or(UrlPatterns.outside(included, excluded)));
        }
    }
}
