package io.cachingproxy.example;

import io.cachingproxy.client.CachingHttpClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** A client of an API, with a cache in memory. */
public class Catalogue implements AutoCloseable {
    private final CachingHttpClient client = CachingHttpClient.builder()
            .user(request -> request.headers().firstValue("X-User").orElse(null))
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();

    public HttpResponse<String> page(URI url, String user) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(url).header("X-User", user).build();
        return client.send(request, BodyHandlers.ofString());
    }

    @Override
    public void close() {
        client.close();
    }
}
