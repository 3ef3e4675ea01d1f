package io.cachingproxy.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cachingproxy.Answer;
import io.cachingproxy.CacheRequest;
import io.cachingproxy.CacheStatus;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.policy.Reason;
import java.io.IOException;
import java.net.CookieHandler;
import java.net.http.HttpClient.Version;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.net.http.HttpTimeoutException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One {@code send}: a request, the redirects that it leads to, and the body of the last response. The steps follow one
 * another; only a cancellation comes from another thread.
 */
final class Sending<T> {
    private final CachingHttpClient client;
    private final BodyHandler<T> handler;
    private final boolean blocks;
    private final CompletableFuture<HttpResponse<T>> result = new CompletableFuture<>();
    private volatile @Nullable Call call;
    private volatile @Nullable Delivery delivery;
    private int redirects;

    /**
     * Creates the send.
     *
     * @param blocks whether the caller waits, so that its thread may handle a response that is there already
     */
    Sending(CachingHttpClient client, BodyHandler<T> handler, boolean blocks) {
        this.client = client;
        this.handler = handler;
        this.blocks = blocks;
    }

    CompletableFuture<HttpResponse<T>> begin(HttpRequest request) {
        result.whenComplete((response, failure) -> {
            if (failure != null) {
                stop();
            }
        });
        send(request, null);
        return result;
    }

    /** Ends what is under way: the body, or the exchange with the origin. */
    private void stop() {
        Delivery body = delivery;
        Call sent = call;
        if (body != null) {
            body.cancel();
        } else if (sent != null) {
            sent.cancel();
        }
    }

    private void send(HttpRequest request, @Nullable HttpResponse<T> before) {
        try {
            ask(withCookies(request), request, before);
        } catch (IOException | RuntimeException refused) {
            result.completeExceptionally(refused);
        }
    }

    private void ask(HttpRequest request, HttpRequest asked, @Nullable HttpResponse<T> before) {
        BodyPublisher body = request.bodyPublisher()
                .filter(publisher -> publisher.contentLength() != 0)
                .orElse(null);
        boolean isQuery = request.method().equals("QUERY"); // its content is part of the key
        Call sent = new Call(client.client(), request, body != null && !isQuery);
        call = sent;
        if (result.isDone()) { // cancelled between two requests
            return;
        }
        Headers headers = Fields.of(request.headers());
        if (body != null && body.contentLength() > 0) {
            headers = headers.plus("Content-Length", Long.toString(body.contentLength()));
        }
        Target target = Target.of(CachingHttpClient.url(request.uri()));
        CacheRequest resolved =
                client.resolve(request, new RequestHead(request.method(), target, headers, body != null));
        Answer hit = body == null ? client.cache().hit(resolved) : null;
        Content content = body != null && isQuery ? Content.of(body) : Content.empty();
        CompletableFuture<Answer> answer = hit != null
                ? CompletableFuture.completedFuture(hit)
                : client.cache()
                        .serve(resolved, content, client.origin(sent), (status, fields) -> {})
                        .toCompletableFuture();
        Executor threads = blocks && answer.isDone() ? Runnable::run : client.threads();
        inTime(request, answer)
                .whenComplete((known, late) -> execute(threads, () -> answered(asked, before, sent, known, late)));
    }

    /** The answer, or a failure once the timeout of the request has passed; an answer that is late is not read. */
    private static CompletableFuture<Answer> inTime(HttpRequest request, CompletableFuture<Answer> answer) {
        if (request.timeout().isEmpty() || answer.isDone()) {
            return answer;
        }
        CompletableFuture<Answer> inTime = new CompletableFuture<>();
        answer.whenComplete((known, failed) -> {
            boolean taken = failed == null ? inTime.complete(known) : inTime.completeExceptionally(failed);
            if (!taken && known != null) {
                known.content().cancel();
            }
        });
        return inTime.orTimeout(request.timeout().get().toNanos(), TimeUnit.NANOSECONDS);
    }

    private static void execute(Executor threads, Runnable task) {
        try {
            threads.execute(task);
        } catch (RejectedExecutionException shutDown) {
            task.run();
        }
    }

    private void answered(
            HttpRequest asked,
            @Nullable HttpResponse<T> before,
            Call sent,
            @Nullable Answer answer,
            @Nullable Throwable late) {
        if (answer == null) {
            Throwable failure = late instanceof TimeoutException ? new HttpTimeoutException("request timed out") : late;
            result.completeExceptionally(failure == null ? new IOException("no response") : failure);
        } else if (result.isDone()) {
            answer.content().cancel();
        } else if (isFailure(answer.status())) {
            Throwable cause = sent.failure();
            result.completeExceptionally(cause == null ? new IOException(text(answer.content())) : cause);
        } else {
            try {
                received(asked, before, sent, answer);
            } catch (IOException | RuntimeException | Error broken) {
                answer.content().cancel();
                result.completeExceptionally(broken);
            }
        }
    }

    /** Whether the answer reports that there is no response. */
    private static boolean isFailure(CacheStatus status) {
        return !status.hit()
                && status.originStatus() == 0
                && (status.detail() == Reason.ORIGIN_FAILED || status.detail() == Reason.ORIGIN_TIMEOUT);
    }

    /** The sentence of an error of the cache, which is in memory. */
    private static String text(Content content) {
        try {
            Chunk chunk = content.read();
            String sentence = chunk == null ? "" : UTF_8.decode(chunk.copy()).toString();
            content.cancel();
            return sentence.strip();
        } catch (IOException gone) {
            return "no response";
        }
    }

    private void received(HttpRequest asked, @Nullable HttpResponse<T> before, Call sent, Answer answer)
            throws IOException {
        int status = answer.head().status();
        HttpHeaders headers = Fields.of(answer.head().headers());
        CookieHandler cookies = client.cookieHandler().orElse(null);
        HttpHeaders ofOrigin = sent.responseHeaders();
        if (cookies != null && ofOrigin != null) {
            cookies.put(asked.uri(), ofOrigin.map());
        }
        HttpRequest next = Redirection.of(asked, status, headers, client.followRedirects());
        if (next != null && redirects < Redirection.MAX) {
            redirects++;
            answer.content().cancel();
            send(next, response(asked, status, headers, sent.responseVersion(), before, null));
        } else {
            deliver(asked, status, headers, sent.responseVersion(), before, answer.content());
        }
    }

    @SuppressWarnings("NullAway") // the body of a redirect is null
    private static <T> HttpResponse<T> response(
            HttpRequest asked,
            int status,
            HttpHeaders headers,
            Version version,
            @Nullable HttpResponse<T> before,
            @Nullable T body) {
        return new CachedResponse<>(asked, status, headers, version, before, body);
    }

    private void deliver(
            HttpRequest asked,
            int status,
            HttpHeaders headers,
            Version version,
            @Nullable HttpResponse<T> before,
            Content content) {
        BodySubscriber<T> subscriber = handler.apply(new Info(status, headers, version));
        Delivery body = new Delivery(content, subscriber, client.threads());
        delivery = body;
        subscriber.getBody().whenComplete((value, failed) -> {
            if (failed == null) {
                result.complete(response(asked, status, headers, version, before, value));
            } else {
                result.completeExceptionally(failed);
            }
        });
        body.begin();
        if (result.isCancelled()) {
            body.cancel();
        }
    }

    /** The head of a response, for the body handler. */
    private record Info(int statusCode, HttpHeaders headers, Version version) implements ResponseInfo {}

    private HttpRequest withCookies(HttpRequest request) throws IOException {
        CookieHandler cookies = client.cookieHandler().orElse(null);
        if (cookies == null) {
            return request;
        }
        Map<String, List<String>> given =
                cookies.get(request.uri(), request.headers().map());
        List<String> all = given.entrySet().stream()
                .filter(field -> field.getKey().equalsIgnoreCase("Cookie"))
                .flatMap(field -> field.getValue().stream())
                .toList();
        return all.isEmpty()
                ? request
                : HttpRequest.newBuilder(request, (name, value) -> true)
                        .header("Cookie", String.join("; ", all))
                        .build();
    }
}
