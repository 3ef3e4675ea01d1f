package io.cachingproxy.cli.config;

import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Puts environment variables into scalars: <code>${NAME}</code>, or <code>${NAME:default}</code> for one that may be unset.
 * <code>$${</code> is a literal <code>${</code>.
 */
record Variables(Map<String, String> environment) {
    private static final Pattern REFERENCE =
            Pattern.compile("\\$\\$\\{|\\$\\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::([^}]*))?\\})?");

    /** @throws IllegalArgumentException if a variable is unset and has no default, or a reference is malformed */
    String expand(String text) {
        if (text.indexOf("${") < 0) {
            return text;
        }
        return REFERENCE.matcher(text).replaceAll(reference -> Matcher.quoteReplacement(value(reference)));
    }

    private String value(MatchResult reference) {
        if (reference.group().equals("$${")) {
            return "${";
        }
        @Nullable String name = reference.group(1);
        if (name == null) {
            throw new IllegalArgumentException(
                    "\"${\" begins no variable: write ${NAME} or ${NAME:default}, or $${ for \"${\"");
        }
        @Nullable String value = environment.get(name);
        @Nullable String otherwise = reference.group(2);
        if (value == null && otherwise == null) {
            throw new IllegalArgumentException(
                    "the environment variable " + name + " is not set: set it, or write ${" + name + ":default}");
        }
        return value == null ? String.valueOf(otherwise) : value;
    }

    /** No values, which may be secrets. */
    @Override
    public String toString() {
        return "the environment";
    }
}
