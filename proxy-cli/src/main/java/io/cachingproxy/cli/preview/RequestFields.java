package io.cachingproxy.cli.preview;

import io.cachingproxy.http.Headers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The header fields and cookies of a request that a response may depend on, with salted hashes of their values. Fields
 * that differ in each request or only control caches are left out.
 */
final class RequestFields {
    /** The prefix of cookies, which are told apart by name. */
    static final String COOKIE = "cookie ";

    private static final int MOST = 48;
    private static final int LONGEST_NAME = 64;

    private static final Set<String> LEFT_OUT = Set.of(
            "cache-control",
            "connection",
            "content-length",
            "cookie",
            "forwarded",
            "host",
            "if-match",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "if-unmodified-since",
            "pragma",
            "range",
            "te",
            "traceparent",
            "tracestate",
            "via",
            "x-forwarded-for",
            "x-real-ip",
            "x-request-id");

    private RequestFields() {}

    /** Hashes by name: of a header field in lower case, or of a cookie after {@value #COOKIE}. At most {@value #MOST}. */
    static Map<String, Long> of(Headers request, Salt salt) {
        Map<String, Long> fields = new LinkedHashMap<>();
        for (int i = 0; i < request.size() && fields.size() < MOST; i++) {
            String name = request.name(i).toLowerCase(Locale.ROOT);
            if (name.equals("cookie")) {
                cookies(request.value(i), salt, fields);
            } else if (!LEFT_OUT.contains(name)) {
                put(fields, name, request.value(i), salt);
            }
        }
        return fields;
    }

    private static void cookies(String line, Salt salt, Map<String, Long> fields) {
        for (String cookie : line.split(";")) {
            if (fields.size() >= MOST) {
                return;
            }
            int equals = cookie.indexOf('=');
            String name = (equals < 0 ? cookie : cookie.substring(0, equals)).strip();
            if (!name.isEmpty()) {
                put(
                        fields,
                        COOKIE + name,
                        equals < 0 ? "" : cookie.substring(equals + 1).strip(),
                        salt);
            }
        }
    }

    private static void put(Map<String, Long> fields, String name, String value, Salt salt) {
        if (name.length() <= LONGEST_NAME) {
            fields.merge(name, salt.hash(value), (one, other) -> 31 * one + other);
        }
    }

    /** The names whose values differ, or that only one of both has. */
    static List<String> differing(Map<String, Long> one, Map<String, Long> other) {
        List<String> names = new ArrayList<>();
        one.forEach((name, hash) -> {
            if (!hash.equals(other.get(name))) {
                names.add(name);
            }
        });
        other.keySet().stream().filter(name -> !one.containsKey(name)).forEach(names::add);
        return List.copyOf(names);
    }
}
