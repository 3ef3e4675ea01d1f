package io.cachingproxy.cli.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The values of the environment variables that a file uses. Messages have the reference, such as <code>${NAME}</code>, in
 * place of the value.
 */
final class Secrets {
    /** Minimum length of values that are masked anywhere; shorter ones, which occur in many words, only in quotes. */
    private static final int MIN_LENGTH = 4;

    /** Words of the messages, which are not masked. */
    private static final Set<String> WORDS =
            Set.of("http", "https", "true", "false", "none", "null", "standard", "rfc9111");

    private static final Pattern SEPARATORS = Pattern.compile("[\\s,]+");

    private final Map<String, String> written = new LinkedHashMap<>();

    /**
     * Adds a value to mask.
     *
     * @param written the reference in the file
     */
    void add(String value, String written) {
        if (!value.equals(written) && !value.isBlank() && !WORDS.contains(value.toLowerCase(Locale.ROOT))) {
            this.written.putIfAbsent(value, written);
        }
    }

    /** The message with each value, and each part of a value between commas and spaces, masked. */
    String hidden(String message) {
        if (written.isEmpty()) {
            return message;
        }
        Map<String, String> all = new LinkedHashMap<>(written);
        written.forEach((value, text) -> SEPARATORS
                .splitAsStream(value)
                .filter(part -> part.length() >= MIN_LENGTH && !WORDS.contains(part.toLowerCase(Locale.ROOT)))
                .forEach(part -> all.putIfAbsent(part, text)));
        List<String> longestFirst = new ArrayList<>(all.keySet());
        longestFirst.sort(Comparator.comparingInt(String::length).reversed());
        String hidden = message;
        for (String value : longestFirst) {
            String text = all.getOrDefault(value, "");
            hidden = pattern(value).matcher(hidden).replaceAll(Matcher.quoteReplacement(text));
        }
        return hidden;
    }

    private static Pattern pattern(String value) {
        String quoted = Pattern.quote(value);
        return Pattern.compile(
                value.length() < MIN_LENGTH ? "(?<=['\"`])" + quoted + "(?=['\"`])" : quoted,
                Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
    }

    /** No values. */
    @Override
    public String toString() {
        return written.size() + " values";
    }
}
