package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;

/** A client that sends one request at a time and knows a hit from a miss. */
final class Client {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Client() {}

    static HttpResponse<byte[]> get(URI uri, String... fields) throws IOException, InterruptedException {
        return send("GET", uri, "", fields);
    }

    static HttpResponse<byte[]> send(String method, URI uri, String body, String... fields)
            throws IOException, InterruptedException {
        return HTTP.send(request(method, uri, body, fields), BodyHandlers.ofByteArray());
    }

    static <T> HttpResponse<T> get(URI uri, HttpResponse.BodyHandler<T> body) throws IOException, InterruptedException {
        return HTTP.send(request("GET", uri, ""), body);
    }

    static CompletableFuture<HttpResponse<byte[]>> begin(URI uri) {
        return HTTP.sendAsync(request("GET", uri, ""), BodyHandlers.ofByteArray());
    }

    private static HttpRequest request(String method, URI uri, String body, String... fields) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        return (fields.length == 0 ? request : request.headers(fields)).build();
    }

    static HttpResponse<byte[]> assertHit(HttpResponse<byte[]> response) {
        assertThat(response.headers().firstValue("X-Cache")).contains("HIT");
        assertThat(response.headers().firstValue("Cache-Status").orElse("")).contains("caching-proxy; hit");
        assertThat(response.headers().firstValueAsLong("Age")).isNotEmpty();
        return response;
    }

    static HttpResponse<byte[]> assertMiss(HttpResponse<byte[]> response) {
        assertThat(response.headers().firstValue("X-Cache")).contains("MISS");
        assertThat(response.headers().firstValue("Cache-Status").orElse("")).contains("caching-proxy; fwd=");
        return response;
    }
}
