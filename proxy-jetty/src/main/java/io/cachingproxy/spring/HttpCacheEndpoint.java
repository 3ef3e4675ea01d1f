package io.cachingproxy.spring;

import io.cachingproxy.HttpCache;
import io.cachingproxy.Purging;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.http.fields.Masking;
import io.cachingproxy.http.syntax.FieldLine;
import io.cachingproxy.metrics.HttpCacheMetrics;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.Purge.Scope;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.lang.Nullable;

/**
 * The actuator endpoint {@code httpcache}. GET reports what is stored, and how requests were answered; GET of {@code
 * httpcache/explain} explains how a request for {@code url} is answered. POST and DELETE purge: by {@code url}, {@code
 * prefix} or {@code tag}, or {@code all}; with {@code soft} the responses become stale and are not removed. POST takes
 * the parameters as JSON, GET and DELETE in the query.
 */
@Endpoint(id = "httpcache")
public class HttpCacheEndpoint {
    private static final long STORE_SECONDS = 5;

    private final HttpCache cache;
    private final ObjectProvider<HttpCacheMetrics> metrics;

    /** An endpoint for {@code cache}, with the counts of {@code metrics}. */
    public HttpCacheEndpoint(HttpCache cache, ObjectProvider<HttpCacheMetrics> metrics) {
        this.cache = cache;
        this.metrics = metrics;
    }

    /**
     * What is stored.
     *
     * @param keys with responses in the memory of this instance; -1 if unknown
     * @param bytes of memory of these responses; -1 if unknown
     * @param gets answers by result
     * @param notStored responses that were not stored, by reason
     */
    public record Stats(long keys, long bytes, Map<String, Long> gets, Map<String, Long> notStored) {}

    /**
     * What was purged.
     *
     * @param purged the URLs, prefixes or tags
     * @param soft whether the responses are stale; else they are removed
     * @param confirmed whether all instances that share the store have applied the purge, or only this one so far
     */
    public record Receipt(List<String> purged, boolean soft, boolean confirmed) {}

    /** Reports what is stored. */
    @ReadOperation
    public Stats stats() {
        HttpCacheMetrics counts = metrics.getIfAvailable();
        return new Stats(
                cache.store().keys(),
                cache.store().bytes(),
                counts == null ? Map.of() : counts.gets(),
                counts == null ? Map.of() : counts.notStored());
    }

    /**
     * Explains how the cache handles a request that reaches it: forwards and stores nothing. The patterns that exclude
     * paths from the filter are not considered, and conditions on the address of the client do not hold.
     *
     * @param view {@code explain}; there is no other
     * @param url as the client sees it
     * @param method GET without it
     * @param header a line {@code Name: value}, or a list of them
     * @return null if there is no such view
     */
    @ReadOperation
    @org.jspecify.annotations.Nullable
    public ExplanationReport explain(
            @Selector String view, String url, @Nullable String method, @Nullable Object header) {
        if (!view.equals("explain")) {
            return null;
        }
        Target target = target("url", url);
        RequestHead request = new RequestHead(method == null ? "GET" : method, target, headers(header));
        try {
            return ExplanationReport.of(
                    cache.explain(request, null, null).toCompletableFuture().get(STORE_SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the store was asked", stopped);
        } catch (ExecutionException | TimeoutException failed) {
            throw new IllegalStateException("the store does not answer", failed);
        }
    }

    /** The lines; a text is not split at commas, which Spring's conversion to a list does. */
    private static Headers headers(@Nullable Object lines) {
        List<?> each = lines == null ? List.of() : lines instanceof List<?> list ? list : List.of(lines);
        Headers.Builder headers = Headers.builder();
        for (Object line : each) {
            FieldLine field = fieldLine(String.valueOf(line));
            headers.add(field.name(), field.value());
        }
        return headers.build();
    }

    private static FieldLine fieldLine(String text) {
        try {
            return FieldLine.parse(text);
        } catch (IllegalArgumentException malformed) {
            throw wrong(String.valueOf(malformed.getMessage()));
        }
    }

    /** Purges what the parameters name. */
    @WriteOperation
    public Receipt purge(
            @Nullable String url,
            @Nullable String prefix,
            @Nullable String tag,
            @Nullable Boolean all,
            @Nullable Boolean soft) {
        Purging purging = cache.purging();
        Map<String, List<Scope>> scopes = new LinkedHashMap<>();
        if (url != null) {
            scopes.put("url " + url, of("url", url, purging::url));
        }
        if (prefix != null) {
            scopes.put("prefix " + prefix, of("prefix", prefix, purging::prefix));
        }
        if (tag != null) {
            scopes.put("tag " + tag, purging.tag(null, tag));
        }
        if (Boolean.TRUE.equals(all)) {
            scopes.put("all", purging.all(null));
        }
        if (scopes.isEmpty()) {
            throw wrong("nothing to purge: write url, prefix or tag, or all=true");
        }
        List<Scope> together = new ArrayList<>();
        scopes.values().forEach(together::addAll);
        boolean isSoft = Boolean.TRUE.equals(soft);
        return new Receipt(List.copyOf(scopes.keySet()), isSoft, confirmed(purging, together, isSoft));
    }

    /** Purges what the parameters name. */
    @DeleteOperation
    public Receipt remove(
            @Nullable String url,
            @Nullable String prefix,
            @Nullable String tag,
            @Nullable Boolean all,
            @Nullable Boolean soft) {
        return purge(url, prefix, tag, all, soft);
    }

    private static boolean confirmed(Purging purging, List<Scope> scopes, boolean soft) {
        try {
            return purging.purge(scopes, soft).toCompletableFuture().get(STORE_SECONDS, TimeUnit.SECONDS)
                    == Confirmation.CONFIRMED;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | TimeoutException late) {
            return false;
        }
    }

    private static List<Scope> of(String parameter, String url, Function<Target, List<Scope>> scopes) {
        return scopes.apply(target(parameter, url));
    }

    private static Target target(String parameter, String url) {
        try {
            return Target.of(URI.create(url));
        } catch (IllegalArgumentException notAUrl) {
            throw wrong(parameter + " is not an absolute http or https URL: " + Masking.url(url));
        }
    }

    private static InvalidEndpointRequestException wrong(String sentence) {
        return new InvalidEndpointRequestException(sentence, sentence);
    }
}
