package io.cachingproxy.http.fields;

import io.cachingproxy.http.Headers;
import java.util.ArrayList;
import java.util.List;

/** The cookies of a request (RFC 6265 §4.2.1). */
public final class Cookies {
    private Cookies() {}

    /**
     * The values of all cookies with this name, in order, without surrounding whitespace; quotes are part of the value.
     * A cookie without {@code =} has an empty value.
     */
    public static List<String> values(Headers request, String name) {
        List<String> values = new ArrayList<>(1);
        for (int i = 0; i < request.size(); i++) {
            if (request.name(i).equalsIgnoreCase("Cookie")) {
                for (String cookie : request.value(i).split(";", -1)) {
                    int equals = cookie.indexOf('=');
                    int nameEnd = equals < 0 ? cookie.length() : equals;
                    if (cookie.substring(0, nameEnd).strip().equals(name)) {
                        values.add(
                                equals < 0 ? "" : cookie.substring(equals + 1).strip());
                    }
                }
            }
        }
        return values;
    }
}
