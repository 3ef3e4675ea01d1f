package io.cachingproxy.cli;

import io.cachingproxy.Purging;
import io.cachingproxy.store.Confirmation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** The admin API: clears the cache, purges responses, and reports liveness and readiness. */
final class AdminHandler extends Handler.Abstract {
    static final String CLEAR = "/cache/clear";
    static final String CLEARED = "Cache cleared";
    private static final String NOT_CLEARED = "Not confirmed by Redis: cleared on this instance only."
            + " The rest is cleared when Redis answers, as long as this process runs";
    static final String HEALTH = "/health/";
    private static final String JSON = "application/json";

    private final Supplier<CompletionStage<?>> clearing;
    private final Purging purging;
    private final Supplier<Reloading.Outcome> reloading;
    private final OriginsApi origins;
    private final AtomicBoolean stopping = new AtomicBoolean();

    /**
     * @param clearing clears the cache, or fails
     * @param reloading reloads the configuration file
     */
    AdminHandler(
            Supplier<CompletionStage<?>> clearing,
            Purging purging,
            Supplier<Reloading.Outcome> reloading,
            OriginsApi origins) {
        this.clearing = clearing;
        this.purging = purging;
        this.reloading = reloading;
        this.origins = origins;
    }

    void stopping() {
        stopping.set(true);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        boolean reads = request.getMethod().equals("GET") || request.getMethod().equals("HEAD");
        switch (Request.getPathInContext(request)) {
            case CLEAR -> clearIf(request.getMethod().equals("POST"), "POST", response, callback);
            case "/cache" -> clearIf(request.getMethod().equals("DELETE"), "DELETE", response, callback);
            case "/cache/purge" -> purgeIf(request.getMethod().equals("POST"), request, response, callback);
            case "/api/config/reload" -> reloadIf(request.getMethod().equals("POST"), response, callback);
            case "/health/live" -> healthIf(reads, true, response, callback);
            case "/health/ready" -> healthIf(reads, !stopping.get(), response, callback);
            case OriginsApi.PATH -> originsIf(reads, response, callback);
            default -> other(request, response, callback);
        }
        return true;
    }

    private void originsIf(boolean allowed, Response response, Callback callback) {
        if (allowed) {
            answer(response, 200, JSON, origins.list(), callback);
        } else {
            refuse("GET, HEAD", response, callback);
        }
    }

    private void other(Request request, Response response, Callback callback) {
        Optional<String> changed = request.getMethod().equals("POST")
                ? origins.change(Request.getPathInContext(request))
                : Optional.empty();
        if (changed.isPresent()) {
            answer(response, 200, JSON, changed.get(), callback);
        } else {
            answer(response, 404, "Not found", callback);
        }
    }

    private void clearIf(boolean allowed, String method, Response response, Callback callback) {
        if (!allowed) {
            refuse(method, response, callback);
            return;
        }
        clearing.get().whenComplete((done, failure) -> {
            if (failure == null) {
                answer(response, 200, CLEARED, callback);
            } else {
                answer(response, 503, NOT_CLEARED, callback);
            }
        });
    }

    private void purgeIf(boolean allowed, Request request, Response response, Callback callback) {
        if (!allowed) {
            refuse("POST", response, callback);
            return;
        }
        PurgeRequest wanted;
        try {
            wanted = PurgeRequest.of(Request.extractQueryParameters(request), purging);
        } catch (RuntimeException e) {
            String why = e instanceof PurgeRequest.Unclear ? String.valueOf(e.getMessage()) : "the query is malformed";
            answer(response, 400, "Nothing purged: " + why, callback);
            return;
        }
        wanted.purge(purging).whenComplete((purged, never) -> {
            boolean confirmed = purged == Confirmation.CONFIRMED;
            answer(response, confirmed ? 200 : 202, wanted + (confirmed ? "" : Purging.PENDING), callback);
        });
    }

    private void reloadIf(boolean allowed, Response response, Callback callback) {
        if (!allowed) {
            refuse("POST", response, callback);
            return;
        }
        Map<String, Object> json = new LinkedHashMap<>();
        int status = report(reloading.get(), json);
        answer(response, status, JSON, Json.of(json), callback);
    }

    private static int report(Reloading.Outcome outcome, Map<String, Object> json) {
        json.put("reloaded", outcome instanceof Reloading.Done);
        if (outcome instanceof Reloading.Done done) {
            json.put("sites", done.sites());
            json.put("rules", done.rules());
            json.put("restart", done.restart());
            json.put("warnings", done.warnings());
            return 200;
        } else if (outcome instanceof Reloading.Refused refused) {
            json.put("errors", refused.errors());
            return 422;
        }
        json.put("errors", List.of("there is no configuration file: the proxy was started without --config"));
        return 409;
    }

    private static void healthIf(boolean allowed, boolean healthy, Response response, Callback callback) {
        if (!allowed) {
            refuse("GET, HEAD", response, callback);
        } else if (healthy) {
            answer(response, 200, "OK", callback);
        } else {
            answer(response, 503, "Stopping", callback);
        }
    }

    private static void refuse(String allow, Response response, Callback callback) {
        response.getHeaders().put(HttpHeader.ALLOW, allow);
        answer(response, 405, "Method not allowed", callback);
    }

    static void answer(Response response, int status, String text, Callback callback) {
        answer(response, status, "text/plain;charset=utf-8", text, callback);
    }

    private static void answer(Response response, int status, String type, String text, Callback callback) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        Content.Sink.write(response, true, text.endsWith("\n") ? text : text + "\n", callback);
    }
}
