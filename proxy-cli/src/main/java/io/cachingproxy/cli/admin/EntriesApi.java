package io.cachingproxy.cli.admin;

import com.fasterxml.jackson.databind.util.RawValue;
import io.cachingproxy.Purging;
import io.cachingproxy.cli.text.Cut;
import io.cachingproxy.cli.text.Json;
import io.cachingproxy.http.Target;
import io.cachingproxy.http.fields.Masking;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.Freshness;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.Purge.Scope;
import io.cachingproxy.store.StoredEntry;
import io.cachingproxy.store.redis.RedisEntries;
import io.cachingproxy.store.redis.RedisStore;
import io.cachingproxy.store.redis.RedisUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;

/**
 * Lists what is stored in the memory of this process or in Redis, and purges single entries.
 *
 * <p>In memory, entries are ordered by their id, a digest of the key, so a page continues after the last id of the page before,
 * whatever is stored or removed in between. A call visits each entry once and keeps one page of them in memory; lookups
 * by clients do not wait for it. In Redis they are listed in the order of SCAN.
 *
 * <p>Clients and origins choose the number and length of variants, of the fields that select them, and of tags: the
 * answers have a limited number of each, cut to a limited length, and a page ends early if it becomes too long.
 */
public final class EntriesApi implements AdminRoutes.Group {
    private static final String PATH = "/api/entries";
    private static final Set<String> PARAMETERS = Set.of("q", "limit", "after", "store");
    private static final int USUAL = 50;
    private static final int MOST = 200;
    private static final int MOST_VARIANTS = 20;
    private static final int MOST_NAMES = 20;
    private static final int MOST_TAGS = 50;
    private static final int LONGEST_URL = 2_048;
    private static final int LONGEST_VALUE = 100;
    private static final int LONGEST_TAG = 256;

    private final CacheStore store;
    private final Purging purging;
    private final Optional<RedisStore> redis;
    private final Redaction redaction;
    private final InstantSource clock;

    /**
     * @param redis the store, if it is in Redis
     * @param redaction of the URLs, also of those that are searched: a search for a secret finds nothing
     */
    public EntriesApi(
            CacheStore store, Purging purging, Optional<RedisStore> redis, Redaction redaction, InstantSource clock) {
        this.store = store;
        this.purging = purging;
        this.redis = redis;
        this.redaction = redaction;
        this.clock = clock;
    }

    @Override
    public void addTo(AdminRoutes routes) {
        routes.get(PATH, exchange -> exchange.elsewhere(() -> list(exchange)));
        routes.get(
                PATH + "/{id}", exchange -> exchange.elsewhere(() -> found(exchange, found -> one(exchange, found))));
        routes.delete(
                PATH + "/{id}", exchange -> exchange.elsewhere(() -> found(exchange, found -> purge(exchange, found))));
    }

    /**
     * The name of a key.
     *
     * @param quick a hash of the target that is computed without a digest: most comparisons need no more
     */
    private record Id(int quick, CacheKey key) {
        private static final Pattern TEXT = Pattern.compile("[0-9a-f]{40}");

        static Id of(CacheKey key) {
            return new Id(key.target().hashCode(), key);
        }

        static int quick(String id) {
            return Integer.parseUnsignedInt(id.substring(0, 8), 16);
        }

        /** The hash of the key. */
        static String hash(String id) {
            return id.substring(8);
        }

        /** The order of {@link #toString}. */
        int compare(int otherQuick, String other) {
            int order = Integer.compareUnsigned(quick, otherQuick);
            return order != 0 ? order : toString().compareTo(other);
        }

        int compare(Id other) {
            int order = Integer.compareUnsigned(quick, other.quick);
            return order != 0 ? order : key.hash().compareTo(other.key.hash());
        }

        @Override
        public String toString() {
            return String.format("%08x", quick) + key.hash();
        }
    }

    private record Found(Id id, StoredEntry entry) {}

    private void list(AdminExchange exchange) {
        Fields query = exchange.query();
        query.forEach(field -> {
            if (!PARAMETERS.contains(field.getName())) {
                throw new AdminExchange.Refused(400, "unknown parameter; known are q, limit, after and store");
            }
        });
        int limit = limit(query.getValue("limit"));
        Optional<RedisStore> shared = inRedis(query);
        if (shared.isPresent()) {
            listInRedis(exchange, shared.get(), limit);
            return;
        }
        List<Found> page = page(query.getValue("q"), query.getValue("after"), limit + 1);
        Instant now = clock.instant();
        List<RawValue> shown =
                Json.first(page.stream().limit(limit).map(found -> entry(found, now))::iterator, Json.LONGEST_LIST);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("entries", shown);
        if (page.size() > shown.size()) {
            answer.put("next", page.get(shown.size() - 1).id().toString());
        }
        answer.put("listed", redis.isPresent() ? "near copies of this instance; not what is only in Redis" : "all");
        exchange.json(200, answer);
    }

    /** The store in Redis, if the query wants its entries. */
    private Optional<RedisStore> inRedis(Fields query) {
        String wanted = query.getValue("store");
        if (wanted == null || wanted.equals("near")) {
            return Optional.empty();
        }
        if (!wanted.equals("redis")) {
            throw new AdminExchange.Refused(400, "store is near or redis");
        }
        if (redis.isEmpty()) {
            throw new AdminExchange.Refused(400, "there is no Redis: this instance was started without --redis");
        }
        return redis;
    }

    private void listInRedis(AdminExchange exchange, RedisStore shared, int limit) {
        Fields query = exchange.query();
        String part = query.getValue("q");
        String after = query.getValue("after");
        CompletionStage<RedisEntries> page;
        try {
            page = shared.entriesInRedis(
                    after == null ? "" : after, limit, key -> part == null || url(key).contains(part));
        } catch (IllegalArgumentException wrong) {
            throw new AdminExchange.Refused(400, "after is the value of next in an earlier answer");
        }
        answered(exchange, page, found -> {
            Instant now = clock.instant();
            List<Map<String, Object>> shown = found.entries().stream()
                    .map(entry -> entry(new Found(Id.of(entry.key()), entry), now))
                    .toList();
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("entries", shown);
            found.next().ifPresent(next -> answer.put("next", next));
            answer.put("listed", "entries in Redis, of all instances");
            exchange.json(200, answer);
        });
    }

    /** Continues with an answer of Redis, on another thread; 503 if there is none. */
    private static <T> void answered(AdminExchange exchange, CompletionStage<T> answer, Consumer<T> next) {
        answer.whenComplete((value, failure) -> exchange.elsewhere(() -> {
            if (failure != null) {
                throw AdminExchange.Refused.later(reason(failure));
            }
            next.accept(value);
        }));
    }

    private static String reason(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof RedisUnavailableException
                ? String.valueOf(cause.getMessage())
                : "Redis does not answer";
    }

    private static int limit(@Nullable String text) {
        if (text == null) {
            return USUAL;
        }
        int limit = text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : 0;
        if (limit < 1 || limit > MOST) {
            throw new AdminExchange.Refused(400, "limit is between 1 and " + MOST);
        }
        return limit;
    }

    /** The first entries in order after an id, at most {@code most}. */
    private List<Found> page(@Nullable String part, @Nullable String after, int most) {
        if (after != null && !Id.TEXT.matcher(after).matches()) {
            throw new AdminExchange.Refused(400, "after is the value of next in an earlier answer");
        }
        int quick = after == null ? 0 : Id.quick(after);
        Comparator<Found> order = (one, other) -> one.id().compare(other.id());
        PriorityQueue<Found> first = new PriorityQueue<>(Collections.reverseOrder(order));
        store.entries().forEach(entry -> {
            Id id = Id.of(entry.key());
            boolean wanted = after == null || id.compare(quick, after) > 0;
            if (wanted && (part == null || url(entry.key()).contains(part))) {
                first.add(new Found(id, entry));
                if (first.size() > most) {
                    first.poll();
                }
            }
        });
        List<Found> page = new ArrayList<>(first);
        page.sort(order);
        return page;
    }

    private void one(AdminExchange exchange, Found found) {
        exchange.json(200, entry(found, clock.instant()));
    }

    /** Purges the URL of the entry, with all methods and variants, or makes them stale: {@code ?soft}. */
    private void purge(AdminExchange exchange, Found found) {
        Target url = found.entry().key().target();
        boolean soft = exchange.query().get("soft") != null;
        purging.purge(List.of(new Scope.Url(url)), soft).whenComplete((purged, never) -> {
            boolean confirmed = purged == Confirmation.CONFIRMED;
            Map<String, Object> receipt = new LinkedHashMap<>();
            receipt.put("purged", Cut.at(LONGEST_URL, redaction.redacted(url.url())));
            receipt.put("soft", soft);
            receipt.put("confirmed", confirmed);
            exchange.receipt(confirmed ? 200 : 202, receipt);
        });
    }

    /** Continues with the entry that the path names. */
    private void found(AdminExchange exchange, Consumer<Found> next) {
        String wanted = exchange.parameter("id");
        if (!Id.TEXT.matcher(wanted).matches()) {
            throw noSuchEntry();
        }
        Optional<RedisStore> shared = inRedis(exchange.query());
        if (shared.isPresent()) {
            answered(
                    exchange,
                    shared.get().entryInRedis(Id.hash(wanted)),
                    entry -> next.accept(only(wanted, entry.stream())));
        } else {
            int quick = Id.quick(wanted);
            next.accept(only(
                    wanted, store.entries().filter(entry -> entry.key().target().hashCode() == quick)));
        }
    }

    private static Found only(String wanted, Stream<StoredEntry> entries) {
        return entries.map(entry -> new Found(Id.of(entry.key()), entry))
                .filter(it -> it.id().toString().equals(wanted))
                .findFirst()
                .orElseThrow(EntriesApi::noSuchEntry);
    }

    private static AdminExchange.Refused noSuchEntry() {
        return new AdminExchange.Refused(404, "No such entry");
    }

    private String url(CacheKey key) {
        return redaction.redacted(key.target().url());
    }

    private Map<String, Object> entry(Found found, Instant now) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("id", found.id().toString());
        entry.put("method", found.entry().key().method());
        entry.put("url", Cut.at(LONGEST_URL, url(found.entry().key())));
        List<StoredResponse> responses = found.entry().responses();
        entry.put(
                "variants",
                responses.stream()
                        .limit(MOST_VARIANTS)
                        .map(response -> variant(response, now))
                        .toList());
        if (responses.size() > MOST_VARIANTS) {
            entry.put("omitted", responses.size() - MOST_VARIANTS);
        }
        return entry;
    }

    private Map<String, Object> variant(StoredResponse response, Instant now) {
        Freshness freshness = response.freshness();
        Duration left = freshness.lifetime().minus(freshness.age(now));
        Map<String, Object> variant = new LinkedHashMap<>();
        variant.put("status", response.head().status());
        variant.put("bytes", response.body().length());
        variant.put("age", freshness.age(now).toSeconds());
        variant.put("fresh", response.isFresh(now));
        variant.put("ttl", left.toSeconds());
        variant.put("stored-at", freshness.receipt().at().toString());
        variant.put("vary", vary(response));
        variant.put(
                "tags",
                response.tags().stream()
                        .limit(MOST_TAGS)
                        .map(tag -> Cut.at(LONGEST_TAG, tag))
                        .toList());
        return variant;
    }

    /**
     * The request fields that select the variant; of those that can be credentials only whether the request had them.
     */
    private Map<String, Object> vary(StoredResponse response) {
        Map<String, Object> vary = new LinkedHashMap<>();
        response.selection().names().stream().limit(MOST_NAMES).forEach(name -> {
            String value = response.selection().headers().first(name);
            String shown = Masking.isShown(name)
                    ? Cut.at(LONGEST_VALUE, redaction.redacted(String.valueOf(value)))
                    : "present";
            vary.put(Cut.at(LONGEST_VALUE, name), value == null ? "" : shown);
        });
        return vary;
    }
}
