package io.cachingproxy.key;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.syntax.ConnectionFields;
import io.cachingproxy.http.syntax.FieldValues;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The secondary key: the request header fields that a response's Vary nominates, with their normalised values in the
 * original request (RFC 9111 §4.1).
 *
 * @param names all nominated names, in lower case and order
 * @param headers field names in lower case and values; without fields that the request did not have
 * @param language the language of the response, if Accept-Language is nominated and it has exactly one
 */
public record Selection(
        List<String> names, Headers headers, @Nullable String language) {
    /** The selection of a response without Vary: it answers every request of its key. */
    public static final Selection ANY = new Selection(List.of(), Headers.EMPTY, null);

    private static final String ACCEPT_LANGUAGE = "accept-language";

    /** Fields in which case and the order of equal weights are insignificant. */
    private static final Set<String> WEIGHTED = Set.of(ACCEPT_LANGUAGE, "accept-encoding", "accept-charset");

    /**
     * The selection of a response to {@code request}; null for {@code Vary: *}, which no other request matches, and for
     * a malformed Vary, whose names are unknown.
     */
    public static @Nullable Selection of(Headers response, Headers request) {
        List<String> vary = response.list("Vary");
        if (vary.isEmpty()) {
            return ANY;
        }
        Set<String> names = new TreeSet<>();
        for (String name : vary) {
            if (name.equals("*") || !FieldValues.isToken(name)) {
                return null;
            }
            names.add(name.toLowerCase(Locale.ROOT));
        }
        List<String> languages = names.contains(ACCEPT_LANGUAGE) ? response.list("Content-Language") : List.of();
        String language = languages.size() == 1 ? languages.get(0).toLowerCase(Locale.ROOT) : null;
        return new Selection(List.copyOf(names), values(names, request), language);
    }

    /**
     * A name of fixed length for the variant that {@code request} selects: the same for requests with the same
     * selecting header fields. Empty for {@link #ANY}.
     */
    public String variant(Headers request) {
        if (names.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        for (String name : names) {
            String value = normalised(name, request);
            text.append(name).append(value == null ? "" : ":" + value).append('\n'); // no value has a line end
        }
        return CacheKey.hash(text.toString());
    }

    private static Headers values(Set<String> names, Headers request) {
        Headers.Builder values = Headers.builder();
        for (String name : names) {
            String value = normalised(name, request);
            if (value != null) {
                values.add(name, value);
            }
        }
        return values.build();
    }

    /** Whether {@code request} selects this response: its selecting header fields are the same or equivalent. */
    public boolean matches(Headers request) {
        return matches(request, name -> true);
    }

    /**
     * Whether {@code request} selects this response, considering only some fields.
     *
     * @param counts whether the field of this name, in lower case, is considered
     */
    public boolean matches(Headers request, Predicate<String> counts) {
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (!counts.test(name)) {
                continue;
            }
            String wanted = headers.first(name);
            String value = normalised(name, request);
            boolean same = wanted == null ? value == null : wanted.equals(value);
            if (!same && !prefersThis(name, request.combined(name))) {
                return false;
            }
        }
        return true;
    }

    /** Whether the response is in the language that this request prefers to all others. */
    private boolean prefersThis(String name, @Nullable String value) {
        return language != null
                && value != null
                && name.equals(ACCEPT_LANGUAGE)
                && language.equals(Preferences.parse(value).favourite());
    }

    /**
     * The normalised value: lines combined, white space around members removed; sorted by weight for {@link #WEIGHTED}
     * fields. Null for a missing field, or one that is never forwarded to the origin.
     */
    private static @Nullable String normalised(String name, Headers request) {
        String value = ConnectionFields.ALWAYS.contains(name) ? null : request.combined(name);
        if (value == null) {
            return null;
        }
        if (WEIGHTED.contains(name)) {
            return Preferences.normalised(value);
        }
        return value.indexOf(',') < 0 ? value.strip() : String.join(",", FieldValues.split(value));
    }
}
