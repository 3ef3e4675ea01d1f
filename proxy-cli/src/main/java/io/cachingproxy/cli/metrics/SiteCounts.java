package io.cachingproxy.cli.metrics;

import io.cachingproxy.metrics.HttpCacheMetrics.Count;
import io.cachingproxy.metrics.HttpCacheMetrics.Result;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The counts of the answers by site and rule, as JSON. */
final class SiteCounts {
    private final Map<String, Long> requests = new TreeMap<>();
    private final Map<String, Long> notStored = new TreeMap<>();
    private final Map<String, SiteCounts> rules = new TreeMap<>();

    private SiteCounts() {}

    static List<Map<String, Object>> of(List<Count> counts) {
        Map<String, SiteCounts> sites = new TreeMap<>();
        for (Count count : counts) {
            SiteCounts site = sites.computeIfAbsent(count.site(), name -> new SiteCounts());
            site.add(count);
            site.rules.computeIfAbsent(count.rule(), name -> new SiteCounts()).add(count);
        }
        return list(sites);
    }

    private void add(Count count) {
        Result result = count.result();
        if (result != null) {
            requests.merge(result.tag(), count.number(), Long::sum);
        } else {
            notStored.merge(String.valueOf(count.reason()), count.number(), Long::sum);
        }
    }

    private static List<Map<String, Object>> list(Map<String, SiteCounts> named) {
        return named.entrySet().stream()
                .map(it -> it.getValue().json(it.getKey()))
                .toList();
    }

    private Map<String, Object> json(String name) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", name);
        json.put("requests", requests);
        json.put("not-stored", notStored);
        if (!rules.isEmpty()) {
            json.put("rules", list(rules));
        }
        return json;
    }
}
