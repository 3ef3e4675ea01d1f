package io.cachingproxy.cli.config;

import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Expands environment variables in scalars: <code>${NAME}</code>, or <code>${NAME:default}</code> with a default value.
 * <code>$${</code> is a literal <code>${</code>.
 *
 * @param secrets receives the values of expanded variables
 * @param longest maximum number of characters of an expanded scalar
 */
record Variables(Environment environment, Secrets secrets, int longest) {
    /** A reference, with its name and default value as groups; without a name, a literal or malformed one. */
    static final Pattern REFERENCE = Pattern.compile("\\$\\$\\{|\\$\\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::([^}]*))?\\})?");

    /**
     * The text with its references expanded.
     *
     * @throws IllegalArgumentException if a variable is unset and has no default, or may not be used, a reference is malformed, or the result is
     *     longer than allowed
     */
    String expand(String text) {
        if (text.indexOf("${") < 0) {
            return text;
        }
        StringBuilder expanded = new StringBuilder();
        Matcher references = REFERENCE.matcher(text);
        int end = 0;
        while (references.find()) {
            expanded.append(text.substring(end, references.start())).append(value(references.toMatchResult()));
            end = references.end();
            if (expanded.length() > longest) {
                throw new IllegalArgumentException(
                        "has more than " + longest + " characters, once variables are expanded");
            }
        }
        String all = expanded.append(text, end, text.length()).toString();
        secrets.add(all, text);
        return all;
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
        @Nullable String value = environment.value(name);
        @Nullable String otherwise = reference.group(2);
        if (value == null && otherwise == null) {
            throw new IllegalArgumentException(
                    "the environment variable " + name + " is not set: set it, or write ${" + name + ":default}");
        }
        if (value == null) {
            return String.valueOf(otherwise);
        }
        secrets.add(value, "${" + name + "}");
        return value;
    }

    /** Without the values, which may be secrets. */
    @Override
    public String toString() {
        return "the environment";
    }
}
