package io.cachingproxy.rules;

import io.cachingproxy.http.Target;
import io.cachingproxy.http.syntax.PercentEncoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A set of globs for the {@linkplain Target#normalPath() normal form} of paths. Immutable. */
final class PathGlobs {
    /** Maximum number of globs that one glob with braces expands to. */
    private static final int MAX_EXPANDED = 100;

    /** The common prefix of all matching paths, which rules out most other paths. */
    private final String prefix;

    /** The last characters of matching paths: one bit for each ASCII character. */
    private final long lastBelow64;

    private final long lastFrom64;

    private final Glob[] globs;

    private PathGlobs(String prefix, List<Glob> globs) {
        long below64 = 0;
        long from64 = 0;
        for (Glob glob : globs) {
            int last = glob.last();
            below64 |= last < 0 ? -1 : last < 64 ? 1L << last : 0;
            from64 |= last < 0 ? -1 : last >= 64 && last < 128 ? 1L << last : 0;
        }
        this.prefix = prefix;
        this.lastBelow64 = below64;
        this.lastFrom64 = from64;
        this.globs = globs.toArray(new Glob[0]);
    }

    /**
     * Parses these globs.
     *
     * @throws IllegalArgumentException if one is malformed or can never match; the message is one sentence
     */
    static PathGlobs of(List<String> texts) {
        List<Glob> globs = new ArrayList<>();
        for (String text : texts) {
            try {
                Set<String> expanded = new LinkedHashSet<>();
                for (String branch : Braces.expand(text, MAX_EXPANDED)) {
                    expanded.addAll(depths(branch));
                }
                if (expanded.size() > MAX_EXPANDED) {
                    throw new IllegalArgumentException(Braces.tooMany(MAX_EXPANDED));
                }
                expanded.forEach(path -> globs.add(Glob.of(tokens(path))));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("path \"" + text + "\" " + e.getMessage());
            }
        }
        String prefix = globs.get(0).prefix();
        for (Glob glob : globs) {
            prefix = commonPrefix(prefix, glob.prefix());
        }
        return new PathGlobs(prefix, globs);
    }

    /** The literal beginnings of the globs. */
    List<String> prefixes() {
        return Arrays.stream(globs).map(Glob::prefix).toList();
    }

    boolean match(Target target) {
        if (target.hasNormalPath()) {
            return match(target.pathAndQuery(), target.pathLength());
        }
        String normal = target.normalPath();
        return match(normal, normal.length());
    }

    private boolean match(String path, int end) {
        int length = prefix.length();
        if (end < length
                || (length > 0 && path.charAt(length - 1) != prefix.charAt(length - 1))
                || (end > 0 && !mayEndWith(path.charAt(end - 1)))
                || !path.startsWith(prefix)) {
            return false;
        }
        for (Glob glob : globs) {
            if (glob.matches(path, 0, end)) {
                return true;
            }
        }
        return false;
    }

    private boolean mayEndWith(char last) {
        return last >= 128 || ((last < 64 ? lastBelow64 : lastFrom64) >>> last & 1) != 0;
    }

    static String commonPrefix(String one, String other) {
        int length = 0;
        while (length < one.length() && length < other.length() && one.charAt(length) == other.charAt(length)) {
            length++;
        }
        return one.substring(0, length);
    }

    /** Expands a segment {@code **}, which also matches no segment, to a glob with and one without it. */
    private static List<String> depths(String glob) {
        String path = glob.contains("//") ? glob.replaceAll("/{2,}", "/") : glob;
        check(path);
        List<String> depths = new ArrayList<>(List.of(""));
        int start = 0;
        while (start < path.length()) {
            int slash = path.indexOf('/', start + 1);
            int end = slash < 0 ? path.length() : slash;
            String segment = path.substring(start, end);
            List<String> longer = new ArrayList<>();
            for (String depth : depths) {
                if (segment.equals("/**")) {
                    longer.add(depth);
                }
                longer.add(depth + segment);
            }
            if (longer.size() > MAX_EXPANDED) {
                throw new IllegalArgumentException("has too many segments **");
            }
            depths = longer;
            start = end;
        }
        depths.remove("");
        return depths;
    }

    private static void check(String path) {
        if (path.isEmpty()) {
            throw new IllegalArgumentException("never matches: a path begins with /");
        }
        if (!path.startsWith("/") && !path.startsWith("**")) {
            throw new IllegalArgumentException(
                    path.startsWith("*")
                            ? "never matches: a path begins with /, and * stays within a segment; write *" + path
                            : "never matches: a path begins with /; write /" + path);
        }
        if (path.indexOf(';') >= 0) {
            throw new IllegalArgumentException(
                    "never matches: parameters of segments, from ; on, are left out before paths are compared");
        }
        String decoded = PercentEncoding.decodePath(path);
        if ((decoded + '/').contains("/./") || (decoded + '/').contains("/../")) {
            throw new IllegalArgumentException(
                    "never matches: segments . and .. are removed before paths are compared");
        }
    }

    private static int[] tokens(String path) {
        int[] tokens = new int[path.length()];
        int count = 0;
        int i = 0;
        while (i < path.length()) {
            int literal = i;
            while (i < path.length() && path.charAt(i) != '*' && path.charAt(i) != '?') {
                i++;
            }
            String text = PercentEncoding.decodePath(path, literal, i);
            for (int at = 0; at < text.length(); at += Character.charCount(tokens[count - 1])) {
                tokens[count++] = text.codePointAt(at);
            }
            if (path.startsWith("**", i)) {
                tokens[count++] = Glob.ANY;
                i += 2;
            } else if (i < path.length()) {
                tokens[count++] = path.charAt(i) == '*' ? Glob.ANY_IN_SEGMENT : Glob.ONE_IN_SEGMENT;
                i++;
            }
        }
        return Arrays.copyOf(tokens, count);
    }
}
