package io.cachingproxy.rules;

import io.cachingproxy.http.Hosts;
import io.cachingproxy.http.Target;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** A set of host globs: names, {@code *.} before a name for one or more labels, and {@code *}. Immutable. */
final class HostGlobs {
    private static final Pattern NAME =
            Pattern.compile("[a-z0-9_~-]+(\\.[a-z0-9_~-]+)*\\.?|\\[[0-9a-f:.]+\\]", Pattern.CASE_INSENSITIVE);

    private final List<String> globs;

    private HostGlobs(List<String> globs) {
        this.globs = globs;
    }

    /**
     * Parses these globs.
     *
     * @throws IllegalArgumentException if one is malformed; the message is one sentence
     */
    static HostGlobs of(List<String> texts) {
        return new HostGlobs(texts.stream().map(HostGlobs::parse).toList());
    }

    private static String parse(String text) {
        String name = text.startsWith("*.") ? text.substring(2) : text;
        boolean bracketed = name.startsWith("[") && name.length() < text.length();
        if (!text.equals("*") && (bracketed || !NAME.matcher(name).matches())) {
            throw new IllegalArgumentException(
                    "host \"" + text
                            + "\" is not a host: write shop.example.com, *.shop.example.com or *, without scheme, port and path");
        }
        String lower = text.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    /** Whether a glob matches the host of the target. Port, case and a trailing dot are ignored. */
    boolean match(Target target) {
        String authority = target.authority();
        int end = Hosts.nameEnd(authority);
        for (int i = 0; i < globs.size(); i++) {
            if (matches(globs.get(i), authority, end)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(String glob, String authority, int end) {
        if (glob.equals("*")) {
            return true;
        }
        if (!glob.startsWith("*.")) {
            return end == glob.length() && authority.regionMatches(true, 0, glob, 0, end);
        }
        int suffix = glob.length() - 1;
        return end > suffix && authority.regionMatches(true, end - suffix, glob, 1, suffix);
    }
}
