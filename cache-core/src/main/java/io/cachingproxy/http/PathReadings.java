package io.cachingproxy.http;

import io.cachingproxy.http.syntax.PercentEncoding;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The interpretations of one raw path by different origins. They differ in whether {@code %2F} is a slash, {@code %5C}
 * and a backslash are slashes, escapes are decoded twice, empty segments count when dot segments are removed, and
 * {@code ..;} is a dot segment.
 */
final class PathReadings {
    private static final Pattern PERCENT = Pattern.compile("%25", Pattern.LITERAL);
    private static final Pattern SLASH = Pattern.compile("%2f", Pattern.LITERAL | Pattern.CASE_INSENSITIVE);
    private static final Pattern BACKSLASH = Pattern.compile("%5c|\\\\", Pattern.CASE_INSENSITIVE);

    /** Replaces a segment that only begins like a dot segment, so that it is not removed. */
    private static final String NAMED_DOTS = "%2E%2E%253B";

    private PathReadings() {}

    /** The raw paths whose normal forms are the other interpretations of {@code path}; empty for nearly all paths. */
    static Set<String> others(String path) {
        if (isCertain(path)) {
            return Set.of();
        }
        Set<String> all = separated(path);
        if (mayHaveDots(path)) {
            for (String each : List.copyOf(all)) {
                all.add(resolved(each, true, true));
                all.add(resolved(each, true, false));
                all.add(resolved(each, false, false));
            }
        }
        all.remove(path);
        return all;
    }

    /**
     * Whether an interpretation of {@code path} leads above the root. The one without empty segments and parameters is
     * the one that leads highest.
     */
    static boolean climb(String path) {
        return !isCertain(path) && mayHaveDots(path) && separated(path).stream().anyMatch(PathReadings::climbsAsItIs);
    }

    /** Whether the path has no two dots, no backslash, and no escape of a dot, a slash, a backslash or a percent sign. */
    private static boolean isCertain(String path) {
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '\\' || (c == '.' && path.startsWith("..", i)) || (c == '%' && isAmbiguousEscape(path, i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isAmbiguousEscape(String path, int at) {
        if (at + 2 >= path.length()) {
            return false;
        }
        int low = path.charAt(at + 2) | 0x20; // digits have this bit, and letters in lower case
        return switch (path.charAt(at + 1)) {
            case '2' -> low == 'e' || low == 'f' || low == '5';
            case '5' -> low == 'c';
            default -> false;
        };
    }

    private static boolean climbsAsItIs(String path) {
        int depth = 0;
        for (String segment : segments(path)) {
            String name = NormalPath.name(segment);
            if (name.equals("..")) {
                depth--;
            } else if (!name.isEmpty() && !name.equals(".")) {
                depth++;
            }
            if (depth < 0) {
                return true;
            }
        }
        return false;
    }

    /** The path under each interpretation of separators; the first is the path as it is. */
    private static Set<String> separated(String path) {
        Set<String> all = new LinkedHashSet<>();
        all.add(path);
        add(all, PERCENT, "%");
        add(all, SLASH, "/");
        add(all, BACKSLASH, "/");
        return all;
    }

    private static void add(Set<String> all, Pattern pattern, String replacement) {
        for (String each : List.copyOf(all)) {
            all.add(pattern.matcher(each).replaceAll(replacement));
        }
    }

    /** Whether the path as it is has a dot segment. */
    static boolean hasDots(String path) {
        return segments(path).stream().map(NormalPath::name).anyMatch(name -> name.equals(".") || name.equals(".."));
    }

    private static boolean mayHaveDots(String path) {
        return path.contains("..")
                || (path.indexOf('%') >= 0 && path.toLowerCase(Locale.ROOT).contains("2e"));
    }

    /**
     * The path without dot segments (RFC 3986 §5.2.4); other segments are unchanged.
     *
     * @param empty whether {@code ..} removes an empty segment before it; else empty segments are removed first
     * @param parameters whether a dot segment may have parameters
     */
    static String resolved(String path, boolean empty, boolean parameters) {
        List<String> kept = new ArrayList<>();
        List<String> segments = segments(path);
        for (int i = 0; i < segments.size(); i++) {
            String segment = segments.get(i);
            boolean last = i == segments.size() - 1;
            String name = parameters ? NormalPath.name(segment) : PercentEncoding.decodePath(segment);
            boolean up = name.equals("..");
            if (up && !kept.isEmpty()) {
                kept.remove(kept.size() - 1);
            }
            if (up || name.equals(".") || (!empty && name.isEmpty())) {
                if (last) {
                    kept.add("");
                }
            } else {
                kept.add(NormalPath.name(segment).equals("..") ? NAMED_DOTS : segment);
            }
        }
        return '/' + String.join("/", kept);
    }

    /** The segments of a path that begins with a slash. */
    static List<String> segments(String path) {
        return List.of(path.substring(1).split("/", -1));
    }
}
