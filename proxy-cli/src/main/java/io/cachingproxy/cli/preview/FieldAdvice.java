package io.cachingproxy.cli.preview;

import io.cachingproxy.cli.preview.PathEvidence.Evidence;
import io.cachingproxy.cli.preview.PathFields.Profile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The headers and cookies that can be left out of the key, and those that are missing in it. */
final class FieldAdvice {
    private final SiteEvidence site;
    private final Map<PathEvidence, PathFields> fields = new IdentityHashMap<>();
    private final List<Advice> advice = new ArrayList<>();
    private final List<KeyWarning> warnings = new ArrayList<>();

    private FieldAdvice(SiteEvidence site) {
        this.site = site;
    }

    static FieldAdvice of(SiteEvidence site) {
        return new FieldAdvice(site).found();
    }

    List<Advice> advice() {
        return advice;
    }

    List<KeyWarning> warnings() {
        return warnings;
    }

    /** Finds the advice and the warnings. */
    private FieldAdvice found() {
        Map<Profile, List<PathEvidence>> byProfile = new LinkedHashMap<>();
        Map<String, Map<Optional<Profile>, List<PathEvidence>>> unkeyed = new TreeMap<>();
        for (PathEvidence path : site.paths()) {
            PathFields known = fields(path);
            Profile profile = known.profile();
            if (profile != null) {
                byProfile.computeIfAbsent(profile, any -> new ArrayList<>()).add(path);
            }
            for (String input : known.unkeyed()) {
                unkeyed.computeIfAbsent(input, any -> new LinkedHashMap<>())
                        .computeIfAbsent(Optional.ofNullable(profile), any -> new ArrayList<>())
                        .add(path);
            }
        }
        Map<Profile, AdvisedRule> rules = new HashMap<>();
        byProfile.forEach((profile, at) -> {
            List<String> globs = site.globs(at);
            if (!globs.isEmpty()) {
                AdvisedRule rule = new AdvisedRule(
                        "key of " + globs.get(0),
                        globs,
                        List.of(),
                        profile.ignore(),
                        profile.headers(),
                        profile.cookies(),
                        profile.bypass());
                rules.put(profile, rule);
                if (!profile.ignore().isEmpty() && !profile.bypass()) {
                    advice.add(advice(rule, at));
                }
            }
        });
        unkeyed.forEach((input, byRule) -> byRule.forEach((profile, at) ->
                warnings.add(warning(input, at, profile.map(rules::get).orElse(null)))));
        return this;
    }

    private PathFields fields(PathEvidence path) {
        return fields.computeIfAbsent(path, it -> new PathFields(site, it));
    }

    private Advice advice(AdvisedRule rule, List<PathEvidence> at) {
        Set<String> harmless = new TreeSet<>();
        Set<String> decisive = new TreeSet<>();
        for (PathEvidence path : at) {
            path.harmless().keySet().stream()
                    .filter(input -> !input.startsWith(Sample.QUERY) && site.isHarmless(input, path))
                    .filter(fields(path)::selects)
                    .forEach(harmless::add);
            path.decisive().keySet().stream()
                    .filter(input -> !input.startsWith(Sample.QUERY))
                    .forEach(decisive::add);
        }
        Map<String, Evidence> evidence = new TreeMap<>();
        harmless.forEach(input -> evidence.put(input, SiteEvidence.total(input, at)));
        return new Advice(rule, evidence, decisive, null);
    }

    private static KeyWarning warning(String input, List<PathEvidence> at, @Nullable AdvisedRule rule) {
        Evidence evidence = at.stream()
                .map(path -> path.decisive().get(input))
                .flatMap(Stream::ofNullable)
                .reduce(new Evidence(0, Set.of()), Evidence::and);
        String query = SiteEvidence.parameter(input);
        return new KeyWarning(
                input,
                evidence.values().size(),
                at.stream().map(PathEvidence::path).toList(),
                rule,
                query != null
                        ? "The body changes with the parameter \"" + query + "\", which key.query leaves out: keep it"
                        : "The body changes with the " + input.replaceFirst(" (.*)", " \"$1\"")
                                + ", which is not in the key: add it, or bypass the cache");
    }
}
