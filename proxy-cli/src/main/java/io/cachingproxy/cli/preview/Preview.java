package io.cachingproxy.cli.preview;

import io.cachingproxy.http.RequestHead;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.key.KeyBase;
import io.cachingproxy.metrics.HttpCacheMetrics.Result;
import io.cachingproxy.rules.Sites;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Compares two configurations by recorded traffic:
 *
 * <pre>
 *   Recorder ── heads ──▶ Replay with the sites in use ──▶ outcomes ─┐
 *            └─ heads ──▶ Replay with the new sites ─────▶ outcomes ─┴─▶ differences
 * </pre>
 *
 * <p>Contents are not recorded: limits of size do not apply, a 304 and a 206 count as the complete response, and the cache
 * begins empty. So the ratios of before and after compare with each other, and not with those of the metrics.
 */
public final class Preview {
    /** Maximum number of URLs or keys in each list. */
    private static final int LISTED = 50;

    private final List<Recorded> recorded;
    private final double share;
    private final Redaction redaction;
    private final List<Replay.Outcome> before;
    private final List<Replay.Outcome> after;

    private Preview(
            List<Recorded> recorded,
            double share,
            Redaction redaction,
            List<Replay.Outcome> before,
            List<Replay.Outcome> after) {
        this.redaction = redaction;
        this.recorded = recorded;
        this.share = share;
        this.before = before;
        this.after = after;
    }

    /**
     * Replays what is recorded, and returns the comparison as JSON.
     *
     * @param secrets whether the new sites may see values in recorded heads that can be secrets; else hashes of them
     * @param redaction of the keys
     * @param only the base URL of the only origin, as for {@code HttpCache#resolve}
     */
    public static Map<String, Object> of(
            Recorder recorder,
            Sites inUse,
            Sites wanted,
            boolean secrets,
            @Nullable KeyBase only,
            Redaction redaction) {
        List<Recorded> recorded = secrets
                ? recorder.recorded()
                : recorder.recorded().stream()
                        .map(new Pseudonyms(redaction)::of)
                        .toList();
        return new Preview(
                        recorded,
                        recorder.share(),
                        redaction,
                        Replay.of(recorded, inUse, only),
                        Replay.of(recorded, wanted, only))
                .json();
    }

    private Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("recorded", recorded.size());
        json.put("share-of-paths", share);
        if (!recorded.isEmpty()) {
            json.put("from", recorded.get(0).time().toString());
            json.put("to", recorded.get(recorded.size() - 1).time().toString());
        }
        json.put("before", summary(before));
        json.put("after", summary(after));
        json.put("newly-stored", changed(before, after));
        json.put("no-longer-stored", changed(after, before));
        json.put("keys-merged", grouped(after, before));
        json.put("keys-split", grouped(before, after));
        return json;
    }

    private Map<String, Object> summary(List<Replay.Outcome> outcomes) {
        Map<String, Long> requests = new TreeMap<>();
        outcomes.forEach(outcome -> requests.merge(outcome.result().tag(), 1L, Long::sum));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("requests", requests);
        json.put(
                "hit-ratio",
                Map.of(
                        "requests", ratio(outcomes, each -> 1),
                        "bytes", ratio(outcomes, Recorded::bytes)));
        return json;
    }

    private double ratio(List<Replay.Outcome> outcomes, ToLongFunction<Recorded> weight) {
        long hits = 0;
        long all = 0;
        for (int i = 0; i < recorded.size(); i++) {
            Result result = outcomes.get(i).result();
            long weighs = result == Result.GENERATED ? 0 : weight.applyAsLong(recorded.get(i));
            all += weighs;
            hits += result.isFromStore() ? weighs : 0;
        }
        return all == 0 ? 0 : Math.round(1e4 * hits / all) / 1e4;
    }

    private static final class Change {
        private int requests;
        private boolean cookie;
        private boolean authorization;
        private boolean setCookie;
        private @Nullable String reason;

        void add(Recorded recorded, Replay.Outcome without) {
            requests++;
            cookie |= recorded.request().headers().contains("Cookie");
            authorization |= recorded.request().headers().contains("Authorization");
            setCookie |= recorded.response().headers().contains("Set-Cookie");
            reason = without.notStored() == null ? reason : without.notStored().token();
        }

        Map<String, Object> json(String url) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("url", url);
            json.put("requests", requests);
            if (reason != null) {
                json.put("reason", reason);
            }
            List<String> warnings = new ArrayList<>();
            if (cookie) {
                warnings.add("requests have Cookie");
            }
            if (authorization) {
                warnings.add("requests have Authorization");
            }
            if (setCookie) {
                warnings.add("responses have Set-Cookie");
            }
            json.put("warnings", warnings);
            return json;
        }
    }

    /** The URLs without their queries that are kept by {@code with} and not by {@code without}. */
    private List<Map<String, Object>> changed(List<Replay.Outcome> without, List<Replay.Outcome> with) {
        Map<String, Change> changes = new LinkedHashMap<>();
        for (int i = 0; i < recorded.size(); i++) {
            if (with.get(i).kept() && !without.get(i).kept()) {
                Recorded each = recorded.get(i);
                changes.computeIfAbsent(url(each.request()), url -> new Change())
                        .add(each, without.get(i));
            }
        }
        return changes.entrySet().stream()
                .sorted((one, other) -> other.getValue().requests - one.getValue().requests)
                .limit(LISTED)
                .map(it -> it.getValue().json(it.getKey()))
                .toList();
    }

    private static String url(RequestHead request) {
        return request.target().url().replaceFirst("\\?.*", "");
    }

    /** The keys of {@code by} that have several keys of {@code of}. */
    private List<Map<String, Object>> grouped(List<Replay.Outcome> by, List<Replay.Outcome> of) {
        Map<String, Set<String>> groups = new LinkedHashMap<>();
        for (int i = 0; i < recorded.size(); i++) {
            String key = by.get(i).key();
            String part = of.get(i).key();
            if (key != null && part != null) {
                groups.computeIfAbsent(key, any -> new LinkedHashSet<>()).add(part);
            }
        }
        return groups.entrySet().stream()
                .filter(it -> it.getValue().size() > 1)
                .limit(LISTED)
                .map(it -> Map.<String, Object>of(
                        "key",
                        redaction.redacted(it.getKey()),
                        "keys",
                        it.getValue().stream()
                                .limit(LISTED)
                                .map(redaction::redacted)
                                .toList()))
                .toList();
    }
}
