package io.cachingproxy.rules;

import java.util.ArrayList;
import java.util.List;

/** Expands alternatives in braces, such as {@code *.{css,js}}. */
final class Braces {
    private final String glob;
    private final int max;

    private Braces(String glob, int max) {
        this.glob = glob;
        this.max = max;
    }

    /**
     * All globs without braces that {@code glob} expands to.
     *
     * @throws IllegalArgumentException if braces are not closed or not opened, or there are more than {@code max}; the
     *     message continues a sentence that begins with the glob
     */
    static List<String> expand(String glob, int max) {
        boolean any = glob.indexOf('{') >= 0 || glob.indexOf('}') >= 0;
        return any ? new Braces(glob, max).expand() : List.of(glob);
    }

    private List<String> expand() {
        List<String> expanded = new ArrayList<>();
        List<String> pending = new ArrayList<>(List.of(glob));
        while (!pending.isEmpty()) {
            String next = pending.remove(pending.size() - 1);
            int open = next.lastIndexOf('{'); // of an innermost pair
            int close = next.indexOf('}', Math.max(open, 0));
            if ((open < 0) != (close < 0)) {
                throw new IllegalArgumentException(
                        open < 0 ? "closes a brace that is not open" : "opens a brace that is not closed");
            }
            if (open < 0) {
                expanded.add(next);
                continue;
            }
            String[] choices = next.substring(open + 1, close).split(",", -1);
            if (expanded.size() + pending.size() + choices.length > max) {
                throw new IllegalArgumentException(tooMany(max));
            }
            for (int i = choices.length - 1; i >= 0; i--) {
                pending.add(next.substring(0, open) + choices[i] + next.substring(close + 1));
            }
        }
        return expanded.stream().distinct().toList();
    }

    static String tooMany(int max) {
        return "stands for more than " + max + " globs; write several";
    }
}
