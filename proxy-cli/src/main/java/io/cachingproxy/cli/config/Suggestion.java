package io.cachingproxy.cli.config;

import java.util.Collection;
import java.util.List;

/** Finds the candidates that are closest to a misspelled name. */
public final class Suggestion {
    private static final int MOST = 3;

    private Suggestion() {}

    /**
     * The candidates with the smallest edit distance, or else those that {@code written} abbreviates; empty if none is
     * close. Edits are insertions, deletions, substitutions and transpositions of adjacent letters.
     */
    public static List<String> of(String written, Collection<String> candidates) {
        int allowed = Math.min(MOST, 1 + (bare(written).length() - 1) / 5);
        int fewest = candidates.stream()
                .mapToInt(it -> errors(bare(written), bare(it)))
                .min()
                .orElse(MOST + 1);
        return candidates.stream()
                .filter(it -> fewest <= allowed
                        ? errors(bare(written), bare(it)) == fewest
                        : bare(it).startsWith(bare(written)))
                .limit(MOST)
                .toList();
    }

    /** {@code "; did you mean …?"}, or an empty string. */
    public static String question(String written, Collection<String> candidates) {
        List<String> similar = of(written, candidates);
        return similar.isEmpty() ? "" : "; did you mean " + String.join(" or ", similar) + "?";
    }

    private static String bare(String name) {
        return name.replaceFirst("^--?", "");
    }

    /** The optimal string alignment distance. */
    private static int errors(String one, String other) {
        int[][] least = new int[one.length() + 1][other.length() + 1];
        for (int i = 0; i <= one.length(); i++) {
            for (int j = 0; j <= other.length(); j++) {
                least[i][j] = i == 0 || j == 0 ? i + j : step(one, other, i, j, least);
            }
        }
        return least[one.length()][other.length()];
    }

    private static int step(String one, String other, int i, int j, int[][] least) {
        boolean same = one.charAt(i - 1) == other.charAt(j - 1);
        int errors = Math.min(least[i - 1][j - 1] + (same ? 0 : 1), 1 + Math.min(least[i - 1][j], least[i][j - 1]));
        boolean exchanged =
                i > 1 && j > 1 && one.charAt(i - 1) == other.charAt(j - 2) && one.charAt(i - 2) == other.charAt(j - 1);
        return exchanged ? Math.min(errors, least[i - 2][j - 2] + 1) : errors;
    }
}
