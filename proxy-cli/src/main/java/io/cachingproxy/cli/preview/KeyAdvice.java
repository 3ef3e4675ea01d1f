package io.cachingproxy.cli.preview;

import io.cachingproxy.cli.config.Interruption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the responses of origins say about the cache key: inputs that never changed a body, with the rule that leaves them
 * out, and inputs that change a body and are not in the key. Pure, and in linear time for each input.
 *
 * <pre>
 *   Sample ─ by path ─▶ {@link PathEvidence} ─ by site ─▶ {@link SiteAdvice} ─▶ {@link AdvisedRule}
 * </pre>
 */
public final class KeyAdvice {
    private final Map<String, SiteAdvice> sites = new TreeMap<>();

    private KeyAdvice(Collection<Sample> samples) {
        Map<String, Map<String, List<Sample>>> bySite = new TreeMap<>();
        for (Sample sample : samples) {
            bySite.computeIfAbsent(sample.site(), any -> new TreeMap<>())
                    .computeIfAbsent(sample.path(), any -> new ArrayList<>())
                    .add(sample);
        }
        bySite.forEach((site, paths) -> {
            List<PathEvidence> evidence = new ArrayList<>();
            paths.forEach((path, of) -> {
                Interruption.check();
                evidence.add(PathEvidence.of(path, of));
            });
            sites.put(site, new SiteAdvice(evidence));
        });
    }

    static KeyAdvice of(Collection<Sample> samples) {
        return new KeyAdvice(samples);
    }

    /** The advice from what is recorded, as JSON. */
    public static Map<String, Object> of(Recorder recorder) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("share-of-paths", recorder.share());
        json.putAll(of(recorder.samples()).json());
        return json;
    }

    /** The advice for a site; empty if there are no samples of it. */
    SiteAdvice site(String name) {
        SiteAdvice advice = sites.get(name);
        return advice == null ? new SiteAdvice(List.of()) : advice;
    }

    Map<String, Object> json() {
        List<Map<String, Object>> list = new ArrayList<>();
        sites.forEach((name, advice) -> {
            Map<String, Object> site = new LinkedHashMap<>();
            site.put("name", name);
            site.putAll(advice.json());
            list.add(site);
        });
        return Map.of("sites", list);
    }
}
