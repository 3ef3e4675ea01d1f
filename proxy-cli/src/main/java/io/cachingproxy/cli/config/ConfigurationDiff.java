package io.cachingproxy.cli.config;

import com.github.difflib.UnifiedDiffUtils;
import com.github.difflib.algorithm.Change;
import com.github.difflib.algorithm.DiffAlgorithmListener;
import com.github.difflib.algorithm.myers.MyersDiffWithLinearSpace;
import com.github.difflib.patch.DeltaType;
import com.github.difflib.patch.Patch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The differences between two configurations as a unified diff, of their content as lines of YAML without secrets and
 * comments. Time and memory are bounded for files of any size, and an interrupted thread stops.
 *
 * @param lines the unified diff; empty without differences
 * @param added number of lines that only the second configuration has
 * @param removed number of lines that only the first configuration has
 * @param complete whether all differences are in {@code lines}
 */
public record ConfigurationDiff(List<String> lines, int added, int removed, boolean complete) {
    /** Lines of each configuration that are read. */
    static final int MOST_READ = 50_000;

    /** Lines of each configuration that are compared, from the first difference on. */
    static final int MOST_COMPARED = 5_000;

    /** Lines of the diff. */
    static final int MOST_SHOWN = 2_000;

    private static final int CONTEXT = 3;

    /** The masked values of two lines, which are compared or not. */
    public enum Masked {
        /** A changed secret is a changed line, although both lines show {@code ***}. */
        COMPARED,
        /** Secrets are equal, so that no one can find out a secret by trying. */
        EQUAL
    }

    /** Ends the comparison when its thread is interrupted. */
    private static final DiffAlgorithmListener INTERRUPTIBLE = new DiffAlgorithmListener() {
        @Override
        public void diffStart() {}

        @Override
        public void diffStep(int value, int max) {
            Interruption.check();
        }

        @Override
        public void diffEnd() {}
    };

    /** The changes from {@code before} to {@code after}. */
    public static ConfigurationDiff of(Configuration before, Configuration after, Masked masked) {
        List<Shown.Line> old = before.content().lines(MOST_READ);
        List<Shown.Line> fresh = after.content().lines(MOST_READ);
        BiPredicate<Shown.Line, Shown.Line> same = masked == Masked.COMPARED
                ? Shown.Line::equals
                : (one, other) -> one.text().equals(other.text()) && one.shown().equals(other.shown());
        int least = Math.min(old.size(), fresh.size());
        int first = common(least, i -> same.test(old.get(i), fresh.get(i)));
        int last = common(least - first, i -> same.test(old.get(old.size() - 1 - i), fresh.get(fresh.size() - 1 - i)));
        int oldEnd = Math.min(old.size() - last, first + MOST_COMPARED);
        int freshEnd = Math.min(fresh.size() - last, first + MOST_COMPARED);
        boolean complete = old.size() < MOST_READ
                && fresh.size() < MOST_READ
                && oldEnd == old.size() - last
                && freshEnd == fresh.size() - last;
        List<Change> changes = merged(
                new MyersDiffWithLinearSpace<>(same)
                        .computeDiff(old.subList(first, oldEnd), fresh.subList(first, freshEnd), INTERRUPTIBLE),
                first);
        Patch<String> patch = Patch.generate(texts(old), texts(fresh), changes);
        List<String> lines = UnifiedDiffUtils.generateUnifiedDiff("running", "new", texts(old), patch, CONTEXT);
        int added = 0;
        int removed = 0;
        for (Change change : changes) {
            added += change.endRevised - change.startRevised;
            removed += change.endOriginal - change.startOriginal;
        }
        boolean fits = lines.size() <= MOST_SHOWN;
        return new ConfigurationDiff(
                List.copyOf(fits ? lines : lines.subList(0, MOST_SHOWN)), added, removed, complete && fits);
    }

    /** Number of lines, counted from one end, that are the same up to the first difference. */
    private static int common(int most, IntPredicate same) {
        return (int) IntStream.range(0, most).takeWhile(same).count();
    }

    /** The changes by {@code offset} lines later, with a deletion and an insertion at the same place as one change. */
    private static List<Change> merged(List<Change> changes, int offset) {
        List<Change> merged = new ArrayList<>();
        for (Change each : changes) {
            Change change = new Change(
                    each.deltaType,
                    each.startOriginal + offset,
                    each.endOriginal + offset,
                    each.startRevised + offset,
                    each.endRevised + offset);
            int last = merged.size() - 1;
            Change before = last < 0 ? null : merged.get(last);
            if (before != null
                    && before.endOriginal == change.startOriginal
                    && before.endRevised == change.startRevised) {
                merged.set(
                        last,
                        new Change(
                                DeltaType.CHANGE,
                                before.startOriginal,
                                change.endOriginal,
                                before.startRevised,
                                change.endRevised));
            } else {
                merged.add(change);
            }
        }
        return merged;
    }

    private static List<String> texts(List<Shown.Line> lines) {
        return lines.stream().map(Shown.Line::text).toList();
    }

    /** As JSON. */
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("added", added);
        json.put("removed", removed);
        json.put("lines", lines);
        json.put("complete", complete);
        return json;
    }
}
