package io.cachingproxy.cli.requests;

import com.google.re2j.Pattern;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Replaces the values of query parameters that can be secrets, before a URL is logged or shown. */
public final class Redaction {
    /** The parameters that are redacted by default. */
    public static final List<String> DEFAULT =
            List.of("*token*", "*secret*", "*passw*", "*api_key*", "*apikey*", "*signature*", "sig", "code");

    private static final String REPLACEMENT = "***";

    private final Pattern secret;

    /** @param names names of parameters, in which {@code *} matches any text; upper and lower case are equal */
    public Redaction(List<String> names) {
        secret = Pattern.compile(
                names.stream().map(Redaction::expression).collect(Collectors.joining("|", "(?is)", "")));
    }

    private static String expression(String name) {
        return Arrays.stream(name.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
    }

    /** The path and query, with the values of secret parameters replaced by {@code ***}. */
    public String redacted(String pathAndQuery) {
        int query = pathAndQuery.indexOf('?');
        if (query < 0) {
            return pathAndQuery;
        }
        StringBuilder text = new StringBuilder(pathAndQuery.substring(0, query + 1));
        String separator = "";
        for (String parameter : pathAndQuery.substring(query + 1).split("&", -1)) {
            int equals = parameter.indexOf('=');
            boolean shown = equals < 1 || !secret.matches(parameter.substring(0, equals));
            text.append(separator).append(shown ? parameter : parameter.substring(0, equals + 1) + REPLACEMENT);
            separator = "&";
        }
        return text.toString();
    }
}
