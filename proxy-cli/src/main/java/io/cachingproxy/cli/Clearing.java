package io.cachingproxy.cli;

import io.cachingproxy.cli.admin.CacheApi;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Clears a cache from outside the serving process. */
final class Clearing {
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
            if (answer.statusCode() == 202) {
                throw new Failure(authority(admin) + ": " + AdminClient.firstLine(answer));
            }
            if (answer.statusCode() != 200 || !answer.body().startsWith(CacheApi.CLEARED)) {
                throw new Failure("Nothing cleared: " + authority(admin) + " answered " + answer.statusCode() + " "
                        + AdminClient.firstLine(answer));
            }
        };
    }

    private static HttpResponse<String> post(Settings.Admin admin) throws Failure {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                URI.create((admin.tls().isPresent() ? "https://" : "http://") + authority(admin) + CacheApi.CLEAR));
        try {
            return AdminClient.post(request, HttpRequest.BodyPublishers.noBody(), admin.token(), AdminClient.ANSWER);
        } catch (IOException e) {
            throw new Failure("Nothing to clear: no instance answers on " + authority(admin), e);
        }
    }

    private static String authority(Settings.Admin admin) {
        return Instance.authority(admin.host(), admin.port().number());
    }
}
