package io.cachingproxy.rules;

import com.google.re2j.Pattern;

/**
 * A regular expression for paths.
 *
 * @param prefix the literal beginning of all matching paths, which is compared first; empty if unknown
 */
record PathPattern(Pattern pattern, String prefix) {
    private static final String SPECIAL = ".[](){}*+?^$|";

    static PathPattern of(Pattern pattern) {
        return new PathPattern(pattern, prefix(pattern.pattern()));
    }

    /** Whether {@code path} contains a match. */
    boolean find(String path) {
        if (!path.startsWith(prefix)) {
            return false;
        }
        Rules.endIfInterrupted(); // a large expression takes up to seconds for a long path
        return pattern.matcher(path).find();
    }

    /** The literal characters after the anchor at the beginning of an expression without alternatives. */
    private static String prefix(String expression) {
        if (!expression.startsWith("^") || expression.indexOf('|') >= 0) {
            return "";
        }
        StringBuilder prefix = new StringBuilder();
        int i = 1;
        while (i < expression.length()) {
            boolean escaped = expression.charAt(i) == '\\' && i + 1 < expression.length();
            char c = expression.charAt(escaped ? i + 1 : i);
            boolean literal = escaped ? isPunctuation(c) : c != '\\' && c < 128 && SPECIAL.indexOf(c) < 0;
            if (!literal) {
                break;
            }
            prefix.append(c);
            i += escaped ? 2 : 1;
        }
        boolean optional = i < expression.length() && "*?{".indexOf(expression.charAt(i)) >= 0;
        return optional && !prefix.isEmpty() ? prefix.substring(0, prefix.length() - 1) : prefix.toString();
    }

    /** Whether an escaped character stands for itself. */
    private static boolean isPunctuation(char c) {
        return c > ' ' && c < 127 && !Character.isLetterOrDigit(c);
    }
}
