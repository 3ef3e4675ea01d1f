package io.cachingproxy.http.fields;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.syntax.PercentEncoding;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.greenbytes.http.sfv.BooleanItem;
import org.greenbytes.http.sfv.InnerList;
import org.greenbytes.http.sfv.ListElement;
import org.greenbytes.http.sfv.ParseException;
import org.greenbytes.http.sfv.Parser;
import org.greenbytes.http.sfv.StringItem;
import org.jspecify.annotations.Nullable;

/**
 * The No-Vary-Search field of a response: the parts of the query on which the response does not depend.
 *
 * @param keyOrderCounts whether the order of parameters is significant
 * @param allButNamed whether only {@code names} are significant; else all parameters except these are
 */
public record SearchVariance(boolean keyOrderCounts, boolean allButNamed, Set<String> names) {
    /** Parses the field; null if it is absent or invalid. */
    public static @Nullable SearchVariance of(Headers response) {
        List<String> lines = response.all("No-Vary-Search");
        if (lines.isEmpty()) {
            return null;
        }
        try {
            return parse(new Parser(lines).parseDictionary().get());
        } catch (ParseException malformed) {
            return null;
        }
    }

    private static @Nullable SearchVariance parse(Map<String, ListElement<? extends Object>> members) {
        boolean unordered = isTrue(members.get("key-order"));
        ListElement<?> params = members.get("params");
        ListElement<?> except = members.get("except");
        if ((params instanceof InnerList && except != null) || (except != null && !isTrue(params))) {
            return null;
        }
        if (isTrue(params)) {
            Set<String> varying = except == null ? Set.of() : names(except);
            return varying == null ? null : new SearchVariance(!unordered, true, varying);
        }
        Set<String> ignored = params instanceof InnerList ? names(params) : Set.of();
        boolean says = unordered || (ignored != null && !ignored.isEmpty());
        return ignored == null || !says ? null : new SearchVariance(!unordered, false, ignored);
    }

    private static boolean isTrue(@Nullable ListElement<?> member) {
        return member instanceof BooleanItem flag && Boolean.TRUE.equals(flag.get());
    }

    private static @Nullable Set<String> names(ListElement<?> list) {
        Set<String> names = new HashSet<>();
        if (!(list instanceof InnerList members)) {
            return null;
        }
        for (ListElement<?> member : members.get()) {
            if (!(member instanceof StringItem name)) {
                return null;
            }
            names.add(decoded(name.get()));
        }
        return Set.copyOf(names);
    }

    /** The normalised query: equal for all queries that this response answers alike. */
    public String normalised(String query) {
        record Parameter(String name, String value) {}
        List<Parameter> kept = new ArrayList<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
            if (!pair.isEmpty() && allButNamed == names.contains(name)) {
                kept.add(new Parameter(name, equals < 0 ? "" : decoded(pair.substring(equals + 1))));
            }
        }
        if (!keyOrderCounts) {
            kept.sort(Comparator.comparing(Parameter::name)); // stable: the order of equal names counts
        }
        StringBuilder text = new StringBuilder();
        for (Parameter parameter : kept) {
            text.append(parameter.name().length()).append(':').append(parameter.name());
            text.append(parameter.value().length()).append(':').append(parameter.value());
        }
        return text.toString();
    }

    /**
     * Decodes form encoding; returns the text unchanged if invalid escapes remain, so that different texts stay
     * different.
     */
    private static String decoded(String text) {
        String decoded = PercentEncoding.decodeForm(text);
        return decoded.indexOf('%') < 0 ? decoded : text;
    }
}
