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
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A servlet filter that caches what stands behind it, by the rules of HTTP. Register it for the dispatcher types REQUEST and
 * ASYNC, with async supported; after filters that evaluate forwarded fields, before those of sessions and of security. In
 * another order, too, what is personal to a client is not stored.
 *
 * <p>In front of a {@link FetchingServlet} the cache fetches for itself, so that a client that leaves hurts nobody. In
 * front of any other servlet the filter records the response on its way to the client that caused it.
 */
public final class CachingFilter implements Filter {
    private final @Nullable HttpCache given;
    private final Followers followers = new Followers();
    private @Nullable HttpCache cache;

    /** A filter with a cache of its own, in memory: a response without explicit freshness is not stored. */
    public CachingFilter() {
        this.given = null;
    }

    /** A filter with that cache, which whoever made it closes. */
    public CachingFilter(HttpCache cache) {
        this.given = cache;
        this.cache = cache;
    }

    @Override
    public void init(FilterConfig config) throws ServletException {
        if (given == null) {
            cache = InitParameters.cache(config);
        }
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
            if (!AnswerWriter.failed(request, response)) {
                Recording.resume(request, response, chain);
            }
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
        RequestHead head = RequestHeads.of(request, RequestHeads.target(request));
        CacheRequest resolved = cache.resolve(head, client(request));
        Step step = followers.open(cache, resolved);
        if (step instanceof Step.Forward forward) {
            Followers.Need threads = followers.need(resolved.key(), forward.exchange());
            Recording.run(forward.exchange(), request, response, chain, true, threads);
            return;
        }
        Step.Answered answered = (Step.Answered) step;
        Refresh refresh = answered.refresh();
        Exchange validation = refresh == null ? null : refresh.begin();
        if (validation == null) {
            AnswerWriter.write(answered.answer(), request, response);
        } else {
            answerFirst(
                    answered.answer(),
                    validation,
                    request,
                    response,
                    chain,
                    followers.need(resolved.key(), validation));
        }
    }

    /** Answers with a stale response, and lets the chain make the next one on this thread. */
    private static void answerFirst(
            Answer stale,
            Exchange validation,
            HttpServletRequest request,
            HttpServletResponse response,
            FilterChain chain,
            Followers.Need threads) {
        try {
            if (request.getProtocol().startsWith("HTTP/1")) {
                response.setHeader("Connection", "close"); // the client's next request would wait for the chain
            }
            AnswerWriter.writeAll(stale, request, response);
            response.getOutputStream().close();
        } catch (IOException | RuntimeException clientGone) {
            request.getServletContext().log("a stale answer was not delivered", clientGone);
        }
        try {
            Recording.run(validation, request, response, chain, false, threads);
        } catch (IOException | ServletException | RuntimeException failed) {
            request.getServletContext().log("a stored response was not validated", failed);
        }
    }

    /** Whether the connection is to become one of another protocol: a WebSocket, say, but not HTTP/2. */
    private static boolean isUpgrade(HttpServletRequest request) {
        String protocol = request.getHeader("Upgrade");
        boolean upgrades = protocol != null && !protocol.strip().equalsIgnoreCase("h2c");
        return upgrades || request.getMethod().equals("CONNECT");
    }
}
