package io.cachingproxy.cli.preview;

import io.cachingproxy.cli.preview.PathEvidence.Evidence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The query parameters that can be left out of the key. */
final class QueryAdvice {
    /** Names of parameters that say where a client comes from. */
    private static final Pattern TRACKING = Pattern.compile(
            "utm_.*|gclid|gbraid|wbraid|dclid|fbclid|msclkid|yclid|twclid|ttclid|igshid|mc_[ce]id|_g[al]|_hs.*|mtm_.*|pk_.*");

    private final SiteEvidence site;
    private final List<Advice> advice = new ArrayList<>();

    private QueryAdvice(SiteEvidence site) {
        this.site = site;
    }

    /** Parameters that can be left out: those of trackers everywhere, others at the paths with evidence. */
    static List<Advice> of(SiteEvidence site) {
        return new QueryAdvice(site).advice();
    }

    private List<Advice> advice() {
        Set<String> everywhere = new TreeSet<>();
        Map<Set<String>, List<PathEvidence>> elsewhere = new LinkedHashMap<>();
        for (String input : site.harmlessEverywhere()) {
            String name = SiteEvidence.parameter(input);
            if (name != null && TRACKING.matcher(name).matches() && site.isKeyed(input)) {
                everywhere.add(name);
            }
        }
        for (PathEvidence path : site.paths()) {
            Set<String> more = new TreeSet<>();
            for (String input : path.harmless().keySet()) {
                String name = SiteEvidence.parameter(input);
                if (name != null && !everywhere.contains(name) && site.isHarmless(input, path) && site.isKeyed(input)) {
                    more.add(name);
                }
            }
            if (!more.isEmpty()) {
                elsewhere.computeIfAbsent(more, any -> new ArrayList<>()).add(path);
            }
        }
        if (!everywhere.isEmpty()) {
            drop("tracking parameters", everywhere, everywhere, site.paths(), List.of());
        }
        elsewhere.forEach((names, at) -> {
            List<String> globs = site.globs(at);
            if (!globs.isEmpty()) {
                Set<String> all = new TreeSet<>(names);
                all.addAll(everywhere); // of several rules that set key.query, the last one counts
                drop("parameters without effect at " + globs.get(0), names, all, at, globs);
            }
        });
        return advice;
    }

    private void drop(String title, Set<String> names, Set<String> all, List<PathEvidence> at, List<String> globs) {
        Set<String> dropped = new TreeSet<>(all);
        Set<String> rules = new TreeSet<>();
        SiteEvidence.samples(at).forEach(sample -> {
            if (sample.queryRule() != null) {
                rules.add(sample.queryRule());
                sample.dropped().stream()
                        .filter(name -> SiteEvidence.isPlain(name) && !site.isSuspect(Sample.QUERY + name))
                        .forEach(dropped::add);
            }
        });
        Map<String, Evidence> evidence = new LinkedHashMap<>();
        names.forEach(name -> evidence.put(Sample.QUERY + name, SiteEvidence.total(Sample.QUERY + name, at)));
        String note = rules.isEmpty()
                ? null
                : "Rule " + String.join(", ", rules)
                        + " sets key.query, too; this rule takes its place where both match:"
                        + " it repeats the parameters that were seen left out. Better, add its parameters there";
        advice.add(new Advice(
                new AdvisedRule(title, globs, shortened(dropped), List.of(), List.of(), List.of(), false),
                evidence,
                Set.of(),
                note));
    }

    /** The names, with {@code utm_*} in place of several parameters with this prefix. */
    private List<String> shortened(Set<String> names) {
        boolean several = !site.hasSuspect(Sample.QUERY + "utm_")
                && names.stream().filter(name -> name.startsWith("utm_")).count() > 1;
        return Stream.concat(
                        several ? Stream.of("utm_*") : Stream.of(),
                        names.stream().filter(name -> !several || !name.startsWith("utm_")))
                .toList();
    }
}
