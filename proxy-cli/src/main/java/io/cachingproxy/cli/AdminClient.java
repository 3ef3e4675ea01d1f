package io.cachingproxy.cli;

import io.cachingproxy.cli.admin.AdminToken;
import io.cachingproxy.cli.config.Durations;
import io.cachingproxy.cli.text.Cut;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Sends requests to the admin listener of a running instance. */
final class AdminClient {
    /** The time in which an answer is complete. */
    static final Duration ANSWER = Duration.ofSeconds(30);

    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final int MAX_MIB = 16;
    private static final int LONGEST_LINE = 300;

    private AdminClient() {}

    /**
     * Sends a POST request, and waits for the answer.
     *
     * @param request the request without method and token
     * @param timeout for the complete answer
     * @throws IOException if no instance answers
     * @throws Failure if the answer is not complete in time, or too long, or if the thread is interrupted
     */
    static HttpResponse<String> post(
            HttpRequest.Builder request, HttpRequest.BodyPublisher body, Optional<AdminToken> token, Duration timeout)
            throws IOException, Failure {
        return send(request.POST(body), token, timeout);
    }

    /**
     * Sends a GET request, and waits for the answer.
     *
     * @throws IOException as {@link #post}
     * @throws Failure as {@link #post}
     */
    static HttpResponse<String> get(HttpRequest.Builder request, Optional<AdminToken> token, Duration timeout)
            throws IOException, Failure {
        return send(request.GET(), token, timeout);
    }

    /** The first line of an answer, as of an error; not too long. */
    static String firstLine(HttpResponse<String> answer) {
        return Cut.at(LONGEST_LINE, answer.body().lines().findFirst().orElse(""));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request, Optional<AdminToken> token, Duration timeout)
            throws IOException, Failure {
        token.ifPresent(it -> request.header("Authorization", it.authorization()));
        HttpRequest sent = request.build();
        String server = sent.uri().getScheme() + "://" + sent.uri().getAuthority();
        CompletableFuture<HttpResponse<String>> answer = client().sendAsync(sent, head -> new Text());
        try {
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new Failure("The answer of " + server + " is not complete after " + Durations.text(timeout), e);
        } catch (ExecutionException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof TooLong) {
                    throw new Failure("The answer of " + server + " is longer than " + MAX_MIB + " MiB", e);
                }
            }
            throw new IOException(Failure.reason(e), e);
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new Failure("Interrupted", e);
        }
    }

    private static HttpClient client() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(CONNECT)
                .build();
    }

    private static final class TooLong extends IOException {
        private static final long serialVersionUID = 1;
    }

    /** Collects a text in UTF-8 up to {@value #MAX_MIB} MiB. */
    private static final class Text implements HttpResponse.BodySubscriber<String> {
        private final CompletableFuture<String> text = new CompletableFuture<>();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private Flow.@Nullable Subscription subscription;

        @Override
        public CompletionStage<String> getBody() {
            return text;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> content) {
            for (ByteBuffer next : content) {
                if (bytes.size() + next.remaining() > MAX_MIB << 20) {
                    text.completeExceptionally(new TooLong());
                    if (subscription != null) {
                        subscription.cancel();
                    }
                    return;
                }
                byte[] copy = new byte[next.remaining()];
                next.get(copy);
                bytes.writeBytes(copy);
            }
        }

        @Override
        public void onError(Throwable failure) {
            text.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            text.complete(bytes.toString(StandardCharsets.UTF_8));
        }
    }
}
