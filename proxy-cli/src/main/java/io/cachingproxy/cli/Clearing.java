package io.cachingproxy.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Clears a cache from outside the process that serves from it. */
final class Clearing {
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration ANSWER = Duration.ofSeconds(30);

    private Clearing() {}

    /** What is to be cleared. */
    interface Target {
        /** Returns once nothing of it is left. */
        void clear() throws Failure;
    }

    static Target redis(RedisAddress address) {
        return () -> Stores.clear(address);
    }

    static Target instance(Port admin) {
        return () -> {
            HttpResponse<String> answer = post(admin);
            if (answer.statusCode() != 200 || !answer.body().startsWith(AdminHandler.CLEARED)) {
                throw new Failure("Nothing cleared: 127.0.0.1:" + admin + " answered " + answer.statusCode() + " "
                        + answer.body().lines().findFirst().orElse(""));
            }
        };
    }

    private static HttpResponse<String> post(Port admin) throws Failure {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + AdminHandler.CLEAR))
                .POST(HttpRequest.BodyPublishers.noBody())
                .timeout(ANSWER)
                .build();
        try {
            return client().send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new Failure("Nothing to clear: no instance answers on 127.0.0.1:" + admin, e);
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
