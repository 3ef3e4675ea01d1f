package io.cachingproxy.origin;

import java.util.List;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/** Validation of origin responses beyond that of Jetty's parsers. */
final class ResponseRules {
    /** Maximum number of digits of a Content-Length, which fit into a {@code long}. */
    private static final int MOST_DIGITS = 18;

    private ResponseRules() {}

    /**
     * The error in the head of a final response; null if the head is valid.
     *
     * @param maxHeaders maximum number of field lines
     */
    static @Nullable String fault(Response response, int maxHeaders) {
        HttpFields fields = response.getHeaders();
        int status = response.getStatus();
        if (status == 101) { // RFC 9110 §15.2.2: the request has no Upgrade
            return "unsolicited 101";
        }
        if (status < 200 || status > 999) { // RFC 9110 §15: three digits; interim responses are handled elsewhere
            return "status " + status;
        }
        if (fields.size() > maxHeaders) {
            return "too many header lines";
        }
        if (fields.contains(HttpHeader.TRANSFER_ENCODING)) {
            if (response.getVersion() != HttpVersion.HTTP_1_1) { // RFC 9112 §6.1, RFC 9113 §8.2.2
                return "Transfer-Encoding in " + response.getVersion();
            }
            if (isCoded(fields)) {
                return "a transfer coding besides chunked";
            }
        }
        return hasOneLength(fields) ? null : "Content-Length is not one number"; // RFC 9110 §8.6
    }

    /** Whether the trailer section exceeds the maximum number of field lines. */
    static boolean areTooMany(@Nullable HttpFields trailers, int maxHeaders) {
        return trailers != null && trailers.size() > maxHeaders;
    }

    /** Whether the body has a transfer coding other than chunked, which is neither requested nor decoded. */
    private static boolean isCoded(HttpFields fields) {
        return fields.getCSV(HttpHeader.TRANSFER_ENCODING, false).stream()
                .anyMatch(coding -> !coding.equalsIgnoreCase("chunked"));
    }

    private static boolean hasOneLength(HttpFields fields) {
        List<String> lengths = fields.getValuesList(HttpHeader.CONTENT_LENGTH);
        return lengths.isEmpty() || (lengths.stream().distinct().count() == 1 && isNumber(lengths.get(0)));
    }

    private static boolean isNumber(String value) {
        return !value.isEmpty()
                && value.length() <= MOST_DIGITS
                && value.chars().allMatch(digit -> digit >= '0' && digit <= '9');
    }
}
