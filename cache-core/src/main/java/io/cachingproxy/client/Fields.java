package io.cachingproxy.client;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.fields.FieldClass;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Header fields of the platform's client, and those of the cache. */
final class Fields {
    private static final List<String> CREDENTIALS = List.of("Authorization", "Cookie");

    /** Fields of the caller that a cache does not forward, and a client sends. */
    private static final Set<String> OF_CONNECTION = Set.of("host", "te", "proxy-authorization", "via");

    private Fields() {}

    static Headers of(HttpHeaders given) {
        Headers.Builder headers = Headers.builder();
        given.map().forEach((name, values) -> values.forEach(value -> headers.add(name, value)));
        return headers.build();
    }

    /** The header section of a response, less the last Via: a client's cache is not an intermediary. */
    static HttpHeaders of(Headers given) {
        Map<String, List<String>> map = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (int i = 0; i < given.size(); i++) {
            map.computeIfAbsent(given.name(i), name -> new ArrayList<>()).add(given.value(i));
        }
        List<String> via = map.get("Via");
        if (via != null) {
            via.remove(via.size() - 1);
            if (via.isEmpty()) {
                map.remove("Via");
            }
        }
        return HttpHeaders.of(map, (name, value) -> true);
    }

    /** Whether a field of the caller is sent although the cache does not forward it. */
    static boolean isRestored(String name) {
        return OF_CONNECTION.contains(name.toLowerCase(Locale.ROOT))
                || FieldClass.of(name).isOfProxies();
    }

    /** Fields that the origin may answer by, and that no Vary names: they are part of the cache key. */
    static String keyed(Headers headers) {
        StringBuilder key = new StringBuilder();
        for (int i = 0; i < headers.size(); i++) {
            String name = headers.name(i);
            if (name.equalsIgnoreCase("Host") || FieldClass.of(name).isOfProxies()) {
                String line = name.toLowerCase(Locale.ROOT) + ": " + headers.value(i);
                key.append("field ")
                        .append(line.length())
                        .append(' ')
                        .append(line)
                        .append('\n');
            }
        }
        return key.toString();
    }

    /** A digest of the credentials in a request; empty without any. */
    static String credentials(HttpRequest request) {
        StringBuilder all = new StringBuilder();
        for (String name : CREDENTIALS) {
            for (String value : request.headers().allValues(name)) {
                all.append(name).append(' ').append(value.length()).append(' ').append(value);
            }
        }
        return all.isEmpty() ? "" : digest(all.toString());
    }

    private static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException impossible) { // every Java platform has SHA-256
            throw new IllegalStateException(impossible);
        }
    }
}
