package io.cachingproxy.cli;

import io.cachingproxy.cli.admin.CacheApi;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Clears a cache from outside the serving process. */
final class Clearing {
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration ANSWER = Duration.ofSeconds(30);

    private Clearing() {}

    /** A cache to clear. */
    interface Target {
        /** Clears the cache, and returns once it is empty. */
        void clear() throws Failure;
    }

    static Target redis(Settings.Redis redis) {
        return () -> Stores.clear(redis);
    }

    static Target instance(Settings.Admin admin) {
        return () -> {
            HttpResponse<String> answer = post(admin);
            if (answer.statusCode() != 200 || !answer.body().startsWith(CacheApi.CLEARED)) {
                throw new Failure("Nothing cleared: " + authority(admin) + " answered " + answer.statusCode() + " "
                        + answer.body().lines().findFirst().orElse(""));
            }
        };
    }

    private static HttpResponse<String> post(Settings.Admin admin) throws Failure {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://" + authority(admin) + CacheApi.CLEAR))
                .POST(HttpRequest.BodyPublishers.noBody())
                .timeout(ANSWER);
        admin.token().ifPresent(token -> request.header("Authorization", token.authorization()));
        try {
            return client().send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new Failure("Nothing to clear: no instance answers on " + authority(admin), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("Interrupted", e);
        }
    }

    private static String authority(Settings.Admin admin) {
        return Instance.authority(admin.host(), admin.port().number());
    }

    private static HttpClient client() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(CONNECT)
                .build();
    }
}
