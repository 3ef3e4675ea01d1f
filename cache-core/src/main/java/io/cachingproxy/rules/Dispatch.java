package io.cachingproxy.rules;

import io.cachingproxy.http.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An index of conditions by the {@linkplain RequestTest#prefixes() literal beginnings} of paths: a radix tree. Along a
 * path lie the nodes with the conditions that may hold; most rules apply to one part of a site. Immutable.
 */
final class Dispatch {
    /** Maximum number of characters of a path that the index considers, and thereby the maximum depth of the tree. */
    private static final int MAX_DEPTH = 64;

    private record Entry(String prefix, int condition) {}

    /** The part of the path between the parent and this node. */
    private final String label;

    private final int depth;
    private final int[] conditions;
    private final char[] firsts;
    private final Dispatch[] children;

    /** The index of these conditions, by their places in the list. */
    static Dispatch of(List<RequestTest> tests) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < tests.size(); i++) {
            for (String prefix : shortest(tests.get(i).prefixes())) {
                entries.add(new Entry(prefix, i));
            }
        }
        entries.sort(Comparator.comparing(Entry::prefix));
        return new Dispatch("", 0, entries);
    }

    /** The texts, cut off, without those that begin with another one. */
    private static List<String> shortest(List<String> texts) {
        List<String> sorted = new ArrayList<>();
        for (String text : texts) {
            sorted.add(text.length() > MAX_DEPTH ? text.substring(0, MAX_DEPTH) : text);
        }
        Collections.sort(sorted);
        List<String> shortest = new ArrayList<>();
        for (String text : sorted) {
            if (shortest.isEmpty() || !text.startsWith(shortest.get(shortest.size() - 1))) {
                shortest.add(text);
            }
        }
        return shortest;
    }

    /**
     * Creates a node.
     *
     * @param depth the length of the path up to this node
     * @param entries with the path up to this node as prefix, sorted
     */
    private Dispatch(String label, int depth, List<Entry> entries) {
        this.label = label;
        this.depth = depth;
        int own = 0;
        while (own < entries.size() && entries.get(own).prefix().length() == depth) {
            own++;
        }
        this.conditions =
                entries.subList(0, own).stream().mapToInt(Entry::condition).toArray();
        List<Dispatch> nodes = new ArrayList<>();
        int end;
        for (int start = own; start < entries.size(); start = end) {
            char first = entries.get(start).prefix().charAt(depth);
            end = start + 1;
            while (end < entries.size() && entries.get(end).prefix().charAt(depth) == first) {
                end++;
            }
            String shared = PathGlobs.commonPrefix(
                    entries.get(start).prefix(), entries.get(end - 1).prefix());
            nodes.add(new Dispatch(shared.substring(depth), shared.length(), entries.subList(start, end)));
        }
        this.children = nodes.toArray(Dispatch[]::new);
        this.firsts = new char[children.length];
        for (int i = 0; i < children.length; i++) {
            firsts[i] = children[i].label.charAt(0);
        }
    }

    /** The conditions that may hold if a path leads to this node. */
    int[] conditions() {
        return conditions;
    }

    /** The next node along the path of a target; null if there is none. */
    @Nullable
    Dispatch next(Target target) {
        if (children.length == 0) {
            return null;
        }
        boolean normal = target.hasNormalPath();
        String path = normal ? target.pathAndQuery() : target.normalPath();
        int length = normal ? target.pathLength() : path.length();
        int child = depth < length ? Arrays.binarySearch(firsts, path.charAt(depth)) : -1;
        if (child < 0) {
            return null;
        }
        Dispatch next = children[child];
        return next.depth <= length && path.startsWith(next.label, depth) ? next : null;
    }
}
