package io.cachingproxy;

import io.cachingproxy.OriginException.Kind;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.syntax.FieldValues;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One response of the platform's client, delivered to an exchange. Events (head, bytes, end, failure, abort) arrive on
 * several threads and are recorded; one thread at a time passes them on. Back-pressure: the next list of buffers is
 * requested only after the exchange has asked for more.
 */
final class HttpClientResponse implements BodyHandler<Void>, BodySubscriber<Void> {
    private final Exchange exchange;
    private final @Nullable ContentPublisher content;
    private final Silence silence;
    private final CompletableFuture<Void> body = new CompletableFuture<>();
    private final AtomicInteger calls = new AtomicInteger();

    private final AtomicReference<@Nullable ResponseHead> head = new AtomicReference<>();
    private final Queue<ByteBuffer> buffers = new ConcurrentLinkedQueue<>();
    private final AtomicReference<@Nullable OriginException> failure = new AtomicReference<>();
    private volatile Flow.@Nullable Subscription subscription;
    private volatile @Nullable CompletableFuture<?> sending;
    private volatile boolean begun;
    private volatile boolean requested;
    private volatile boolean asked = true;
    private volatile boolean complete;
    private boolean ended;

    HttpClientResponse(Exchange exchange, @Nullable ContentPublisher content, Silence silence) {
        this.exchange = exchange;
        this.content = content;
        this.silence = silence;
    }

    void fetch(HttpClient client, HttpRequest request) {
        exchange.onAbort(() -> fail(new OriginException(Kind.CLIENT, "nobody reads the response any more", null)));
        silence.watch(() -> fail(new OriginException(Kind.TIMEOUT, "the origin did not answer in time", null)));
        exchange.onSent();
        try {
            CompletableFuture<?> sent = client.sendAsync(request, this);
            sending = sent;
            sent.whenComplete((response, broken) -> over(broken));
        } catch (RuntimeException refused) {
            fail(new OriginException(Kind.FAILED, "the request cannot be sent", refused));
        }
        if (failure.get() != null) { // aborted meanwhile
            stop();
        }
    }

    private void over(@Nullable Throwable broken) {
        if (broken != null) {
            fail(fault(
                    broken instanceof CompletionException && broken.getCause() != null ? broken.getCause() : broken));
        } else if (!complete) {
            fail(new OriginException(Kind.FAILED, "the origin's response broke off or is malformed", null));
        }
    }

    private OriginException fault(Throwable cause) {
        if (content != null && content.isBroken()) {
            return new OriginException(Kind.CLIENT, "the request broke off", cause);
        }
        if (cause instanceof HttpTimeoutException) {
            return new OriginException(Kind.TIMEOUT, "the origin did not answer in time", cause);
        }
        if (cause instanceof UnresolvedAddressException || cause.getCause() instanceof UnresolvedAddressException) {
            return new OriginException(Kind.FAILED, "the name of the origin cannot be resolved", cause);
        }
        if (cause instanceof ConnectException) {
            return new OriginException(Kind.FAILED, "the origin cannot be reached", cause);
        }
        return cause instanceof SSLException && !begun
                ? new OriginException(Kind.FAILED, "the TLS handshake with the origin failed", cause)
                : new OriginException(Kind.FAILED, "the origin's response broke off or is malformed", cause);
    }

    private void fail(OriginException with) {
        if (failure.compareAndSet(null, with)) {
            goOn();
        }
    }

    @Override
    public BodySubscriber<Void> apply(ResponseInfo response) {
        begun = true;
        silence.sign();
        Headers headers = headers(response);
        String fault = fault(response.statusCode(), headers);
        if (fault != null) {
            fail(new OriginException(Kind.FAILED, "the origin's response is malformed: " + fault, null));
        } else {
            head.set(new ResponseHead(response.statusCode(), headers));
            goOn();
        }
        return this;
    }

    private static Headers headers(ResponseInfo response) {
        Headers.Builder headers = Headers.builder();
        response.headers().map().forEach((name, values) -> {
            boolean isPseudo = name.startsWith(":"); // RFC 9113 §8.3
            boolean isUseless =
                    response.statusCode() == 204 && name.equalsIgnoreCase("Content-Length"); // RFC 9110 §8.6
            if (!isPseudo && !isUseless) {
                values.forEach(value -> headers.add(name, value));
            }
        });
        return headers.build();
    }

    private static @Nullable String fault(int status, Headers headers) {
        if (status < 200 || status > 999) { // RFC 9110 §15
            return "status " + status;
        }
        List<String> lengths = headers.all("Content-Length");
        if (lengths.stream().distinct().count() > 1
                || !lengths.stream().allMatch(length -> FieldValues.isDigits(length.strip()))) { // RFC 9110 §8.6
            return "Content-Length is not one number";
        }
        List<String> codings = headers.list("Transfer-Encoding");
        if (!codings.stream().allMatch(coding -> coding.equalsIgnoreCase("chunked"))) {
            return "a transfer coding besides chunked";
        }
        return codings.isEmpty() || lengths.isEmpty()
                ? null
                : "both Content-Length and Transfer-Encoding"; // RFC 9112 §6.3
    }

    @Override
    public CompletionStage<Void> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription first) {
        subscription = first;
        goOn();
        if (failure.get() != null) {
            first.cancel();
        }
    }

    @Override
    public void onNext(List<ByteBuffer> next) {
        silence.sign();
        next.stream().filter(ByteBuffer::hasRemaining).forEach(buffers::add);
        requested = false;
        goOn();
    }

    @Override
    public void onError(Throwable broken) {
        fail(fault(broken));
        body.completeExceptionally(broken);
    }

    @Override
    public void onComplete() {
        complete = true;
        goOn();
        body.complete(null);
    }

    private void goOn() {
        if (calls.getAndIncrement() > 0) {
            return;
        }
        do {
            try {
                tell();
            } catch (Throwable thrown) {
                failure.compareAndSet(
                        null, new OriginException(Kind.FAILED, "the response could not be processed", thrown));
                end();
            }
        } while (calls.decrementAndGet() > 0);
    }

    /** Passes the next event to the exchange. A demand of the exchange during this call is handled by another call. */
    private void tell() {
        if (ended) {
            return;
        }
        if (failure.get() != null) {
            end();
            return;
        }
        ResponseHead first = head.getAndSet(null);
        if (first != null) {
            exchange.onHead(first);
        }
        ByteBuffer next = asked ? buffers.poll() : null;
        Flow.Subscription from = subscription;
        if (next != null) {
            asked = false;
            silence.clientReads(true);
            exchange.onBody(Chunk.of(next), this::more);
        } else if (complete && buffers.isEmpty()) {
            ended = true;
            leave();
            exchange.onComplete(Headers.EMPTY);
        } else if (asked && !requested && from != null) {
            requested = true;
            from.request(1);
        }
    }

    private void more() {
        silence.clientReads(false);
        asked = true;
        goOn();
    }

    /** Ends the exchange with the failure. */
    private void end() {
        if (ended) {
            return;
        }
        ended = true;
        buffers.clear();
        leave();
        stop();
        OriginException failed = failure.get();
        if (failed != null) {
            exchange.onFailure(failed);
        }
    }

    private void leave() {
        silence.over();
        if (content != null) {
            content.cancel();
        }
    }

    /** Cancels the platform's request, which closes the connection. */
    private void stop() {
        Flow.Subscription from = subscription;
        if (from != null) {
            from.cancel();
        }
        CompletableFuture<?> sent = sending;
        if (sent != null) {
            sent.cancel(true);
        }
        body.cancel(false);
    }
}
