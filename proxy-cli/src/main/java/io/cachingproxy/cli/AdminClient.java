package io.cachingproxy.cli;

import io.cachingproxy.cli.admin.AdminToken;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** Sends requests to the admin listener of a running instance. */
final class AdminClient {
    private static final Duration CONNECT = Duration.ofSeconds(2);

    private AdminClient() {}

    /**
     * Sends a POST request, and waits for the answer.
     *
     * @param request the request without method, token and timeout
     * @throws IOException if no instance answers in time
     * @throws Failure if the thread is interrupted
     */
    static HttpResponse<String> post(
            HttpRequest.Builder request, HttpRequest.BodyPublisher body, Optional<AdminToken> token, Duration timeout)
            throws IOException, Failure {
        return send(request.POST(body), token, timeout);
    }

    /**
     * Sends a GET request, and waits for the answer.
     *
     * @throws IOException if no instance answers in time
     * @throws Failure if the thread is interrupted
     */
    static HttpResponse<String> get(HttpRequest.Builder request, Optional<AdminToken> token, Duration timeout)
            throws IOException, Failure {
        return send(request.GET(), token, timeout);
    }

    private static HttpResponse<String> send(HttpRequest.Builder request, Optional<AdminToken> token, Duration timeout)
            throws IOException, Failure {
        token.ifPresent(it -> request.header("Authorization", it.authorization()));
        try {
            return client().send(request.timeout(timeout).build(), HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
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
}
