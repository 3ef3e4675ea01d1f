package io.cachingproxy.rules;

import io.cachingproxy.http.syntax.PercentEncoding;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Selects the query parameters that are part of the cache key.
 *
 * <p>A parameter is removed only if every origin interprets it as the named one. Therefore names are compared decoded,
 * and parameters that some servers interpret differently remain in the key: those with {@code ;}, and, if only named
 * ones are kept, those whose names equal a kept one for a server that ignores case, white space, or the characters from
 * {@code [} on. Parameters with equal names for such a server keep their order; all parameters keep it if one contains
 * {@code ;}.
 *
 * @param keeps whether only the parameters with {@code names} are in the key; else all except these
 * @param names globs of names
 * @param sorted whether parameters with different names are sorted
 */
record KeyQuery(boolean keeps, List<String> names, List<Glob> globs, boolean sorted) {
    /**
     * Creates a selection of parameters.
     *
     * @throws IllegalArgumentException if a name is empty
     */
    static KeyQuery of(boolean keeps, List<String> names, boolean sorted) {
        if (names.contains("")) {
            throw new IllegalArgumentException("a query parameter in the key has no name");
        }
        Stream<String> spelled = keeps ? names.stream().flatMap(name -> Stream.of(name, lower(name))) : names.stream();
        return new KeyQuery(keeps, names, spelled.distinct().map(Glob::ofValue).toList(), sorted);
    }

    /** The path and query as the key has them. */
    String apply(String pathAndQuery) {
        int query = pathAndQuery.indexOf('?');
        if (query < 0 || query == pathAndQuery.length() - 1) {
            return pathAndQuery;
        }
        String kept = kept(pathAndQuery, query);
        return sorted && kept.length() > query && kept.indexOf(';', query) < 0 ? sorted(kept, query) : kept;
    }

    /** The path and those parameters of the query that are part of the key, in their order. */
    private String kept(String pathAndQuery, int query) {
        int prefix = -1; // where the first parameter is left out
        StringBuilder kept = null; // needed only if a parameter after it is in the key
        int end;
        for (int start = query + 1; start <= pathAndQuery.length(); start = end + 1) {
            int and = pathAndQuery.indexOf('&', start);
            end = and < 0 ? pathAndQuery.length() : and;
            if (!isInKey(pathAndQuery, start, end)) {
                prefix = prefix < 0 ? start - 1 : prefix;
            } else if (prefix >= 0) {
                kept = kept == null ? new StringBuilder(pathAndQuery.length()).append(pathAndQuery, 0, prefix) : kept;
                kept.append(kept.length() == query ? '?' : '&').append(pathAndQuery, start, end);
            }
        }
        if (kept != null) {
            return kept.toString();
        }
        return prefix < 0 ? pathAndQuery : pathAndQuery.substring(0, prefix);
    }

    private static String sorted(String pathAndQuery, int query) {
        String[] parameters = pathAndQuery.substring(query + 1).split("&", -1);
        Arrays.sort(parameters, Comparator.comparing(KeyQuery::name)); // stable: the order of equal names counts
        return pathAndQuery.substring(0, query) + '?' + String.join("&", parameters);
    }

    private boolean isInKey(String query, int start, int end) {
        int nameEnd = end;
        boolean encoded = false;
        for (int i = end - 1; i >= start; i--) {
            char c = query.charAt(i);
            if (c == ';') {
                return true;
            }
            nameEnd = c == '=' ? i : nameEnd;
            encoded = c != '=' && (encoded || c == '%' || c == '+');
        }
        if (!keeps && !encoded) {
            return !matches(query, start, nameEnd);
        }
        String name = PercentEncoding.decodeForm(query.substring(start, nameEnd));
        return keeps ? matches(name) || matches(lenient(name)) : !matches(name);
    }

    private boolean matches(String name) {
        return matches(name, 0, name.length());
    }

    private boolean matches(String text, int start, int end) {
        for (Glob glob : globs) {
            if (glob.matches(text, start, end)) {
                return true;
            }
        }
        return false;
    }

    /** The name for a server that ignores case, white space, dots and brackets. */
    private static String lenient(String name) {
        int end = 0;
        while (end < name.length() && name.charAt(end) != '[' && name.charAt(end) != 0) {
            end++;
        }
        return lower(name.substring(0, end).strip().replace(' ', '_').replace('.', '_'));
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /** The sort key of a parameter: equal for all parameters that some server interprets as the same one. */
    private static String name(String parameter) {
        return lenient(PercentEncoding.decodeForm(rawName(parameter)));
    }

    private static String rawName(String parameter) {
        int equals = parameter.indexOf('=');
        return equals < 0 ? parameter : parameter.substring(0, equals);
    }
}
