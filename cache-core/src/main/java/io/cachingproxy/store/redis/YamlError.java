package io.cachingproxy.store.redis;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The error in a Redisson YAML file: line and column, if the parser names them, and the problem. Only messages of the
 * parser that quote nothing from the file are repeated, because it may contain a password.
 */
final class YamlError {
    private static final Pattern PLACE = Pattern.compile("line (\\d+), column (\\d+)");
    private static final Pattern PROPERTY = Pattern.compile("Cannot create property=(\\w+)");
    private static final Map<Pattern, String> PROBLEMS = problems();

    private YamlError() {}

    private static Map<Pattern, String> problems() {
        Map<Pattern, String> problems = new LinkedHashMap<>();
        problems.put(Pattern.compile("(?m)^mapping values are not allowed here"), "$0");
        problems.put(Pattern.compile("(?m)^found unexpected end of stream"), "$0, a quote is not closed");
        problems.put(Pattern.compile("(?m)^could not find expected ':'"), "$0");
        problems.put(Pattern.compile("(?m)^found character '\\\\t"), "found a tab, indentation has to be spaces");
        problems.put(Pattern.compile("(?m)^found character '.' that cannot start any token"), "$0");
        problems.put(Pattern.compile("(?m)^found unknown escape character"), "$0 in a double-quoted value");
        problems.put(Pattern.compile("(?m)^found undefined alias"), "$0, a value that begins with * has to be quoted");
        problems.put(Pattern.compile("(?m)^expected [^\n]{1,40}, but (found|got) '?<[a-z ]{1,30}>'?"), "$0");
        problems.put(
                Pattern.compile("^Can't construct a java object for tag:yaml.org,2002:org.redisson.config.Config;"),
                "a mapping is expected, such as singleServerConfig: {address: \"redis://host:port\"}");
        return problems;
    }

    /** {@code :line:column: problem}, after the name of the file. */
    static String of(String message) {
        String property = "";
        for (Matcher known = PROPERTY.matcher(message); known.find(); ) {
            property = known.group(1);
        }
        return place(message)
                + (property.isEmpty()
                        ? ": not a Redisson configuration" + problem(message)
                        : ": cannot set " + property);
    }

    private static String place(String message) {
        String at = "";
        int lines = 0;
        for (Matcher place = PLACE.matcher(message); place.find(); ) {
            if (Integer.parseInt(place.group(1)) > lines) { // the innermost
                lines = Integer.parseInt(place.group(1));
                at = ":" + place.group(1) + ":" + place.group(2);
            }
        }
        return at;
    }

    private static String problem(String message) {
        for (Map.Entry<Pattern, String> known : PROBLEMS.entrySet()) {
            Matcher found = known.getKey().matcher(message);
            if (found.find()) {
                return ": " + known.getValue().replace("$0", found.group());
            }
        }
        return "";
    }
}
