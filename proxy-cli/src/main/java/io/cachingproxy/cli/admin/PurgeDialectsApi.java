package io.cachingproxy.cli.admin;

import io.cachingproxy.Purging;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.store.Confirmation;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The purge requests of the APIs of Fastly and Cloudflare, for existing clients. The id of the service or zone has no
 * meaning. Purges that Redis has not acknowledged are answered 202.
 */
public final class PurgeDialectsApi implements AdminRoutes.Group {
    /** The beginning of Fastly's paths. */
    static final String FASTLY = "/service/";

    private static final String OK = "ok";
    private static final List<String> SCHEMES = List.of("http://", "https://");

    private final Purging purging;
    private final Redaction redaction;

    /**
     * The requests to purge by {@code purging}.
     *
     * @param redaction of the URLs in errors
     */
    public PurgeDialectsApi(Purging purging, Redaction redaction) {
        this.purging = purging;
        this.redaction = redaction;
    }

    @Override
    public void addTo(AdminRoutes routes) {
        routes.post(FASTLY + "{id}/purge/{key}", this::fastlyKey);
        routes.post(FASTLY + "{id}/purge", PurgeApi.LONGEST, this::fastlyKeys);
        routes.post(FASTLY + "{id}/purge_all", this::fastlyAll);
        routes.post("/client/v4/zones/{id}/purge_cache", PurgeApi.LONGEST, this::cloudflare);
    }

    private void fastlyKey(AdminExchange exchange) {
        fastly(
                exchange,
                named -> named.add("tag", exchange.parameter("key")),
                () -> Map.of("status", OK, "id", purgeId()));
    }

    private void fastlyAll(AdminExchange exchange) {
        fastly(exchange, named -> named.add("all", ""), () -> Map.of("status", OK));
    }

    private void fastlyKeys(AdminExchange exchange, String body) {
        Set<String> keys = new LinkedHashSet<>();
        fastly(
                exchange,
                named -> {
                    exchange.request().getHeaders().getValuesList("Surrogate-Key").stream()
                            .flatMap(value -> Arrays.stream(value.strip().split("\\s+")))
                            .filter(key -> !key.isEmpty())
                            .forEach(keys::add);
                    if (!body.isBlank()) {
                        JsonBody document = JsonBody.parse(body);
                        document.allow("surrogate_keys");
                        keys.addAll(document.texts("surrogate_keys"));
                    }
                    keys.forEach(key -> named.add("tag", key));
                },
                () -> {
                    Map<String, Object> ids = new LinkedHashMap<>();
                    keys.forEach(key -> ids.put(key, purgeId()));
                    return ids;
                });
    }

    private void fastly(AdminExchange exchange, Consumer<PurgeRequest.Named> names, Supplier<Map<String, ?>> done) {
        boolean soft = "1".equals(exchange.request().getHeaders().get("Fastly-Soft-Purge"));
        try {
            purge(exchange, request(names, soft, "name keys in Surrogate-Key"), done.get());
        } catch (PurgeRequest.Unclear | JsonBody.Invalid e) {
            exchange.json(400, Map.of("msg", "Nothing purged", "detail", String.valueOf(e.getMessage())));
        }
    }

    private static String purgeId() {
        return UUID.randomUUID().toString();
    }

    private void cloudflare(AdminExchange exchange, String body) {
        try {
            JsonBody document = JsonBody.parse(body);
            document.allow("files", "prefixes", "hosts", "tags", "purge_everything");
            PurgeRequest wanted = request(
                    named -> {
                        document.urls("files").forEach(url -> named.add("url", url));
                        document.texts("prefixes").forEach(prefix -> prefix(named, prefix));
                        document.texts("hosts").forEach(host -> prefix(named, host + "/"));
                        document.texts("tags").forEach(tag -> named.add("tag", tag));
                        if (document.flag("purge_everything")) {
                            named.add("all", "");
                        }
                    },
                    false,
                    "name files, prefixes, hosts, tags or purge_everything");
            purge(exchange, wanted, cloudflare(true, List.of(), exchange.parameter("id")));
        } catch (PurgeRequest.Unclear | JsonBody.Invalid e) {
            Map<String, Object> error = Map.of("code", 1012, "message", "Nothing purged: " + e.getMessage());
            exchange.json(400, cloudflare(false, List.of(error), ""));
        }
    }

    /** Cloudflare's prefixes have no scheme. */
    private static void prefix(PurgeRequest.Named named, String prefix) {
        if (prefix.contains("://")) {
            named.add("prefix", prefix);
        } else {
            String whole = prefix.contains("/") ? prefix : prefix + "/";
            SCHEMES.forEach(scheme -> named.add("prefix", scheme + whole));
        }
    }

    private static Map<String, Object> cloudflare(boolean success, List<?> errors, String id) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("success", success);
        answer.put("errors", errors);
        answer.put("messages", List.of());
        answer.put("result", Map.of("id", id));
        return answer;
    }

    private PurgeRequest request(Consumer<PurgeRequest.Named> names, boolean soft, String otherwise) {
        PurgeRequest.Named named = new PurgeRequest.Named(purging, redaction);
        names.accept(named);
        return named.request(otherwise, soft, false);
    }

    private void purge(AdminExchange exchange, PurgeRequest wanted, Map<String, ?> answer) {
        wanted.purge(purging)
                .whenComplete(
                        (purged, never) -> exchange.receipt(purged == Confirmation.CONFIRMED ? 200 : 202, answer));
    }
}
