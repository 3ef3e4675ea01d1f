package io.cachingproxy.example;

import io.cachingproxy.*;
import io.cachingproxy.http.*;
import java.net.URI;
import java.net.http.HttpClient;

public class Library {
    public static void main(String[] urls) {
        Origin origin = HttpClientOrigin.of(HttpClient.newHttpClient());
        try (HttpCache cache = HttpCache.builder().build()) {
            for (String url : urls) {
                RequestHead request = new RequestHead("GET", Target.of(URI.create(url)), Headers.EMPTY);
                cache.serve(request, Content.empty(), origin)
                        .thenCompose(answer -> answer.content().readAll(1 << 20).thenAccept(body -> {
                            String status = answer.head().headers().first("Cache-Status");
                            System.out.println(url + ": " + body.length + " bytes, " + status);
                        }))
                        .toCompletableFuture()
                        .join();
            }
        }
    }
}
