package io.cachingproxy.http.fields;

import io.cachingproxy.http.Headers;

/** The response field Vary (RFC 9110 §12.5.5), as far as it names Accept-Encoding. */
public final class Vary {
    private Vary() {}

    /** Whether the response varies by Accept-Encoding, or by everything. */
    public static boolean byEncoding(Headers response) {
        return response.list("Vary").stream()
                .anyMatch(name -> name.equals("*") || name.equalsIgnoreCase("Accept-Encoding"));
    }

    /** The fields with Accept-Encoding in Vary. */
    public static Headers withEncoding(Headers response) {
        return byEncoding(response) ? response : response.plus("Vary", "Accept-Encoding");
    }
}
