package io.cachingproxy.key;

import io.cachingproxy.http.FieldValues;
import io.cachingproxy.http.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The secondary key: the request header fields that a response's Vary nominates, with the normalised values of the
 * request that it answered (RFC 9111 §4.1).
 *
 * @param headers field names in lower case and values; a field that the request did not have is not there
 * @param names all nominated names, in lower case and order
 */
public record Selection(List<String> names, Headers headers) {
    /** The selection of a response without Vary: it answers every request of its key. */
    public static final Selection ANY = new Selection(List.of(), Headers.EMPTY);

    /** Lists of negotiation, whose members may have white space around their weights. */
    private static final Set<String> NEGOTIATION =
            Set.of("accept", "accept-encoding", "accept-language", "accept-charset");

    /** Those of them whose members have no case; a parameter in Accept may have (RFC 9110 §5.6.6). */
    private static final Set<String> CASELESS = Set.of("accept-encoding", "accept-language", "accept-charset");

    /** The selection of a response to {@code request}; null for {@code Vary: *}, which no other request matches. */
    public static @Nullable Selection of(Headers response, Headers request) {
        List<String> vary = response.list("Vary");
        if (vary.isEmpty()) {
            return ANY;
        }
        Set<String> names = new TreeSet<>();
        for (String name : vary) {
            if (name.equals("*")) {
                return null;
            }
            names.add(name.toLowerCase(Locale.ROOT));
        }
        return of(List.copyOf(names), request);
    }

    /** The selection that {@code request} has for these nominated names. */
    public static Selection of(List<String> names, Headers request) {
        Headers.Builder values = Headers.builder();
        for (String name : names) {
            String value = normalised(name, request);
            if (value != null) {
                values.add(name, value);
            }
        }
        return new Selection(names, values.build());
    }

    /** Whether {@code request} has the same selecting header fields. */
    public boolean matches(Headers request) {
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            String wanted = headers.first(name);
            String value = normalised(name, request);
            if (wanted == null ? value != null : !wanted.equals(value)) {
                return false;
            }
        }
        return true;
    }

    /** Combined lines, white space around members and case of negotiated names folded: never merges what differs. */
    private static @Nullable String normalised(String name, Headers request) {
        String value = request.combined(name);
        if (value == null || !NEGOTIATION.contains(name)) {
            return value == null ? null : value.indexOf(',') < 0 ? value.strip() : members(value, ",");
        }
        String folded = CASELESS.contains(name) ? value.toLowerCase(Locale.ROOT) : value;
        return members(folded.indexOf('"') < 0 ? folded.replace(" ;", ";").replace("; ", ";") : folded, ",");
    }

    private static String members(String value, String separator) {
        List<String> members = new ArrayList<>(FieldValues.split(value));
        return String.join(separator, members);
    }
}
