package io.cachingproxy.cli.preview;

import io.cachingproxy.cli.preview.PathEvidence.Evidence;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The evidence of all paths of a site.
 *
 * <p>An input has no effect if different values of it had the same body in at least {@value #MIN_PAIRS} comparisons of at
 * least {@value #MIN_VALUES} values. Where a path is known at which it changes the body, the comparisons of each other path
 * count alone.
 */
final class SiteEvidence {
    static final int MIN_PAIRS = 5;
    static final int MIN_VALUES = 3;

    /** Maximum number of globs in a rule. */
    private static final int MAX_GLOBS = 50;

    private final List<PathEvidence> paths;
    private final Map<String, Evidence> harmless = new TreeMap<>();

    /** Inputs that change the body at some path, or may do so. */
    private final Set<String> suspect = new TreeSet<>();

    private final Set<String> keyed = new TreeSet<>();

    SiteEvidence(List<PathEvidence> paths) {
        this.paths = paths;
        for (PathEvidence path : paths) {
            path.samples().forEach(sample -> keyed.addAll(sample.keyed()));
            suspect.addAll(path.decisive().keySet());
            suspect.addAll(path.unclear());
        }
        paths.stream()
                .flatMap(path -> path.harmless().keySet().stream())
                .distinct()
                .forEach(input -> harmless.put(input, total(input, paths)));
    }

    List<PathEvidence> paths() {
        return paths;
    }

    /** Whether an input may change the body at some path. */
    boolean isSuspect(String input) {
        return suspect.contains(input);
    }

    /** Whether an input whose name begins so may change the body at some path. */
    boolean hasSuspect(String prefix) {
        return suspect.stream().anyMatch(input -> input.startsWith(prefix));
    }

    /** The inputs that have no effect at any path. */
    Set<String> harmlessEverywhere() {
        Set<String> inputs = new TreeSet<>();
        harmless.forEach((input, evidence) -> {
            if (!suspect.contains(input) && isEnough(evidence)) {
                inputs.add(input);
            }
        });
        return inputs;
    }

    /** Whether an input that occurred at the path with several values has no effect there. */
    boolean isHarmless(String input, PathEvidence path) {
        Evidence own = path.harmless().get(input);
        return own != null && isEnough(suspect.contains(input) ? own : harmless.get(input));
    }

    private static boolean isEnough(@Nullable Evidence evidence) {
        return evidence != null
                && evidence.pairs() >= MIN_PAIRS
                && evidence.values().size() >= MIN_VALUES;
    }

    /** Whether the input is in the key of a response. */
    boolean isKeyed(String input) {
        return keyed.contains(input);
    }

    static Stream<Sample> samples(Collection<PathEvidence> at) {
        return at.stream().flatMap(path -> path.samples().stream());
    }

    /** The evidence for an input without effect, at these paths together. */
    static Evidence total(String input, Collection<PathEvidence> at) {
        int pairs = 0;
        Set<Long> values = new HashSet<>();
        for (PathEvidence path : at) {
            Evidence evidence = path.harmless().get(input);
            if (evidence != null) {
                pairs += evidence.pairs();
                values.addAll(evidence.values());
            }
        }
        return new Evidence(pairs, values);
    }

    /** The name of a query parameter; null for another input, and for a name that cannot be in a rule. */
    static @Nullable String parameter(String input) {
        boolean is = input.startsWith(Sample.QUERY) && isPlain(input);
        return is ? input.substring(Sample.QUERY.length()) : null;
    }

    /** Whether a name or path has no character with a meaning in globs and values of the configuration file. */
    static boolean isPlain(String text) {
        return text.chars().noneMatch(c -> "*?{}[]\\$,".indexOf(c) >= 0 || c < ' ' || c == 0x7f);
    }

    /** Globs of these paths: a folder with several of them and no others, or the path. At most {@value #MAX_GLOBS}. */
    List<String> globs(List<PathEvidence> at) {
        Map<String, Integer> all = new HashMap<>();
        paths.forEach(path -> all.merge(folder(path.path()), 1, Integer::sum));
        Map<String, List<String>> folders = new TreeMap<>();
        at.forEach(path -> folders.computeIfAbsent(folder(path.path()), any -> new ArrayList<>())
                .add(path.path()));
        Set<String> globs = new TreeSet<>();
        folders.forEach((folder, own) -> {
            if (own.size() > 2 && own.size() == all.getOrDefault(folder, 0) && isPlain(folder)) {
                globs.add(folder + "*");
            } else {
                own.stream().filter(SiteEvidence::isPlain).forEach(globs::add);
            }
        });
        return globs.stream().limit(MAX_GLOBS).toList();
    }

    private static String folder(String path) {
        return path.substring(0, path.lastIndexOf('/') + 1);
    }
}
