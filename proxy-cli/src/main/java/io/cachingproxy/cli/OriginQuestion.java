package io.cachingproxy.cli;

import io.cachingproxy.CacheRequest;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.http.fields.HopByHop;
import io.cachingproxy.key.KeyBase;
import io.cachingproxy.origin.ConfiguredOrigin;
import io.cachingproxy.origin.balance.OriginSettings;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.jspecify.annotations.Nullable;

/**
 * Requests the head of a response from the origin of a request, for an explanation. The request is the one that the
 * proxy would forward, to the first server of the origin; the body of the response is not read. Requests with content
 * and unsafe methods are not sent.
 */
final class OriginQuestion {
    private static final long SECONDS = 30;

    private final Supplier<Settings.Routes> routes;

    /** @param routes supplies the current routes */
    OriginQuestion(Supplier<Settings.Routes> routes) {
        this.routes = routes;
    }

    /** The head of the response. The stage fails with a message of one line. */
    CompletionStage<ResponseHead> ask(CacheRequest request) {
        RequestHead head = request.head();
        if (!head.isSafe()) {
            return CompletableFuture.failedFuture(
                    new Failure(head.method() + " is not sent to the origin: it may have effects there"));
        }
        OriginSettings origin = origin(request);
        if (origin == null) {
            return CompletableFuture.failedFuture(new Failure("the request has no origin"));
        }
        RequestHead forwarded = request.treatment().forwarded(head);
        return send(forwarded, KeyBase.of(origin.url()).of(forwarded.target()), host(request, origin));
    }

    private @Nullable OriginSettings origin(CacheRequest request) {
        String name = request.originName();
        Settings.Routes now = routes.get();
        ConfiguredOrigin origin =
                name == null ? now.origin().orElse(null) : now.origins().get(name);
        return origin == null ? null : origin.settings();
    }

    private static @Nullable String host(CacheRequest request, OriginSettings origin) {
        String clients = request.originHost();
        return clients == null ? origin.host() : clients;
    }

    private static CompletionStage<ResponseHead> send(RequestHead head, Target target, @Nullable String host) {
        HttpClient client = new HttpClient();
        client.setFollowRedirects(false);
        client.setUserAgentField(null);
        CompletableFuture<ResponseHead> answer = new CompletableFuture<>();
        try {
            client.start();
        } catch (Exception e) {
            return CompletableFuture.failedFuture(new Failure("no client: " + Failure.reason(e), e));
        }
        client.getContentDecoderFactories().clear();
        client.getProtocolHandlers().clear();
        Request request = client.newRequest(target.url()).method(head.method()).timeout(SECONDS, TimeUnit.SECONDS);
        request.headers(fields -> {
            Headers own = HopByHop.strip(head.headers()).without("Host");
            for (int i = 0; i < own.size(); i++) {
                fields.add(own.name(i), own.value(i));
            }
            if (host != null) {
                fields.put("Host", host);
            }
        });
        request.onResponseHeaders(response -> {
            answer.complete(head(response));
            response.abort(new Failure("only the head is needed"));
        });
        request.send(result -> {
            if (result.getFailure() != null) {
                answer.completeExceptionally(
                        new Failure("the origin " + target.scheme() + "://" + target.authority() + " does not answer: "
                                + Failure.reason(result.getFailure())
                                        .lines()
                                        .findFirst()
                                        .orElse("")));
            }
            CompletableFuture.runAsync(() -> stop(client));
        });
        return answer;
    }

    private static void stop(HttpClient client) {
        try {
            client.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the client did not stop", e);
        }
    }

    private static ResponseHead head(Response response) {
        Headers.Builder headers = Headers.builder();
        response.getHeaders()
                .forEach(field -> headers.add(field.getName(), field.getValue() == null ? "" : field.getValue()));
        return new ResponseHead(response.getStatus(), headers.build());
    }
}
