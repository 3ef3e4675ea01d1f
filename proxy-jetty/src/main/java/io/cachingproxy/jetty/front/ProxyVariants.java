package io.cachingproxy.jetty.front;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.fields.FieldClass;
import io.cachingproxy.http.syntax.FieldValues;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;

/** Request fields that select variants by the proxy fields of trusted peers. */
final class ProxyVariants {
    private static final int DIGEST_BYTES = 16;

    private ProxyVariants() {}

    /** The headers with the scheme and host of Forwarded as separate fields, and a digest of all other proxy fields. */
    static Headers selecting(Headers headers) {
        Headers known = headers.contains(Forwarding.FORWARDED)
                ? forwarded(Forwarding.HOST, "host", forwarded(Forwarding.PROTO, "proto", headers))
                : headers;
        String others = others(headers);
        return others.isEmpty() ? known : known.with(Forwarding.DIGEST, digest(others));
    }

    /** Sets {@code field} to the first value of {@code parameter} in Forwarded. */
    private static Headers forwarded(String field, String parameter, Headers headers) {
        String start = parameter + "=";
        for (String hop : headers.list(Forwarding.FORWARDED)) {
            for (String pair : FieldValues.split(hop, ';')) {
                if (pair.toLowerCase(Locale.ROOT).startsWith(start)) {
                    String value = pair.substring(start.length()).strip();
                    String content = FieldValues.unquote(value);
                    return headers.with(field, content == null ? value : content);
                }
            }
        }
        return headers;
    }

    private static String others(Headers headers) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < headers.size(); i++) {
            String name = headers.name(i);
            if (FieldClass.of(name) == FieldClass.PROXY && !Forwarding.isKnown(name)) {
                text.append(name.toLowerCase(Locale.ROOT))
                        .append(':')
                        .append(headers.value(i))
                        .append('\n');
            }
        }
        return text.toString();
    }

    /**
     * A digest of the text. The text itself must not be stored as a selecting value, because some of these fields are
     * credentials.
     */
    private static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
            return HexFormat.of().formatHex(Arrays.copyOf(digest, DIGEST_BYTES));
        } catch (NoSuchAlgorithmException impossible) { // every Java platform has SHA-256
            throw new IllegalStateException(impossible);
        }
    }
}
