package io.cachingproxy.cli.preview;

import io.cachingproxy.cli.text.Cut;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The advice for one site. Inputs without evidence stay in the key. */
final class SiteAdvice {
    private static final int MAX_LISTED = 50;
    private static final int MAX_PATH = 256;

    private final List<PathEvidence> paths;
    private final List<Advice> advice;
    private final List<KeyWarning> warnings;

    SiteAdvice(List<PathEvidence> paths) {
        this.paths = paths;
        SiteEvidence site = new SiteEvidence(paths);
        FieldAdvice fields = FieldAdvice.of(site);
        this.warnings = fields.warnings();
        this.advice = new ArrayList<>(QueryAdvice.of(site));
        advice.addAll(fields.advice());
        advice.sort(Comparator.comparingInt(Advice::pairs).reversed());
    }

    /** The rules that leave inputs out of the key, those with the most comparisons first. */
    List<Advice> advice() {
        return advice;
    }

    List<KeyWarning> warnings() {
        return warnings;
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("responses", SiteEvidence.samples(paths).count());
        json.put("paths", paths.size());
        json.put("advice", advice.stream().limit(MAX_LISTED).map(Advice::json).toList());
        json.put(
                "warnings",
                warnings.stream().limit(MAX_LISTED).map(KeyWarning::json).toList());
        json.put(
                "changing", listed(paths.stream().filter(PathEvidence::changing).map(PathEvidence::path)));
        json.put(
                "unclear",
                listed(paths.stream().filter(path -> !path.unclear().isEmpty()).map(PathEvidence::path)));
        return json;
    }

    /** The first {@value #MAX_LISTED} of these paths, shortened. */
    static List<String> listed(Stream<String> some) {
        return some.map(path -> Cut.at(MAX_PATH, path)).limit(MAX_LISTED).toList();
    }
}
