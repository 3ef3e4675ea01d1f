package io.cachingproxy.rules;

import io.cachingproxy.http.syntax.PercentEncoding;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Which parameters of the query are part of the cache key.
 *
 * <p>A parameter that is left out must be one that the origin reads as such. So names are compared decoded, and a parameter
 * that some servers read in another way stays in the key: one with {@code ;} in it, and, if only named ones are kept, each one that is a
 * kept one for a server that ignores case, white space, or what follows {@code [}. Parameters that are the same for such a
 * server keep their order, and all do where there is a {@code ;}.
 *
 * @param keeps whether only the parameters with {@code names} are in the key; else all but those
 * @param names globs of names
 * @param sorted whether the order of parameters with different names makes no difference
 */
record KeyQuery(boolean keeps, List<String> names, List<Glob> globs, boolean sorted) {
    /**
     * A choice of parameters.
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
        List<String> all = List.of(pathAndQuery.substring(query + 1).split("&", -1));
        List<String> kept = new ArrayList<>(all.size());
        for (String parameter : all) {
            if (isInKey(parameter)) {
                kept.add(parameter);
            }
        }
        boolean sorts = sorted && kept.stream().noneMatch(parameter -> parameter.indexOf(';') >= 0);
        if (sorts) {
            kept.sort(Comparator.comparing(KeyQuery::name)); // stable: the order of equal names counts
        } else if (kept.size() == all.size()) {
            return pathAndQuery;
        }
        String path = pathAndQuery.substring(0, query);
        return kept.isEmpty() ? path : path + '?' + String.join("&", kept);
    }

    private boolean isInKey(String parameter) {
        if (parameter.indexOf(';') >= 0) {
            return true;
        }
        String name = PercentEncoding.decodeForm(rawName(parameter));
        return keeps ? matches(name) || matches(lenient(name)) : !matches(name);
    }

    private boolean matches(String name) {
        for (Glob glob : globs) {
            if (glob.matches(name)) {
                return true;
            }
        }
        return false;
    }

    /** The name as a server reads it that takes no account of case, white space, dots and brackets. */
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

    /** The name by which parameters are sorted: the same for all that some server takes for the same parameter. */
    private static String name(String parameter) {
        return lenient(PercentEncoding.decodeForm(rawName(parameter)));
    }

    private static String rawName(String parameter) {
        int equals = parameter.indexOf('=');
        return equals < 0 ? parameter : parameter.substring(0, equals);
    }
}
