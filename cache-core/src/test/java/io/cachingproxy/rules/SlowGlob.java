package io.cachingproxy.rules;

import java.util.ArrayList;
import java.util.List;

/** The meaning of path globs written down a second time, by trying everything: exponential, and easy to check. */
final class SlowGlob {
    private SlowGlob() {}

    static boolean matchesPath(String glob, String path) {
        int open = glob.lastIndexOf('{');
        if (open >= 0) {
            int close = glob.indexOf('}', open);
            for (String choice : glob.substring(open + 1, close).split(",", -1)) {
                if (matchesPath(glob.substring(0, open) + choice + glob.substring(close + 1), path)) {
                    return true;
                }
            }
            return false;
        }
        return bySegment(List.of(glob.split("(?=/)")), 0, path);
    }

    private static boolean bySegment(List<String> segments, int at, String path) {
        return everyDepth(segments, at).stream().anyMatch(flat -> matches(flat, path, true));
    }

    private static List<String> everyDepth(List<String> segments, int at) {
        if (at == segments.size()) {
            return List.of("");
        }
        List<String> all = new ArrayList<>();
        for (String rest : everyDepth(segments, at + 1)) {
            all.add(segments.get(at) + rest);
            if (segments.get(at).equals("/**")) {
                all.add(rest);
            }
        }
        return all;
    }

    static boolean matchesValue(String glob, String value) {
        return matches(glob, value, false);
    }

    private static boolean matches(String glob, String text, boolean path) {
        if (glob.isEmpty()) {
            return text.isEmpty();
        }
        boolean across = !path || glob.startsWith("**");
        String behind = glob.substring(path && across ? Math.min(2, glob.length()) : 1);
        if (glob.startsWith("*")) {
            for (int i = 0; i <= text.length(); i++) {
                if (matches(behind, text.substring(i), path)) {
                    return true;
                }
                if (!across && i < text.length() && text.charAt(i) == '/') {
                    return false;
                }
            }
            return false;
        }
        boolean one = !text.isEmpty()
                && (glob.charAt(0) == '?' ? !path || text.charAt(0) != '/' : glob.charAt(0) == text.charAt(0));
        return one && matches(glob.substring(1), text.substring(1), path);
    }
}
