package io.cachingproxy.origin;

import java.util.List;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/** What a response of the origin must keep to besides what Jetty's parsers refuse. */
final class ResponseRules {
    /** The digits of a Content-Length, few enough for a {@code long}. */
    private static final int MOST_DIGITS = 18;

    private ResponseRules() {}

    /**
     * What is wrong with the head of a final response; null if nothing is.
     *
     * @param maxHeaders how many field lines it may have
     */
    static @Nullable String fault(Response response, int maxHeaders) {
        HttpFields fields = response.getHeaders();
        int status = response.getStatus();
        if (status == 101) { // RFC 9110 §15.2.2: nobody asked for it
            return "unsolicited 101";
        }
        if (status < 200 || status > 999) { // RFC 9110 §15: three digits; interim ones do not come here
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

    /** Whether there are more trailer lines than header lines are taken. */
    static boolean areTooMany(@Nullable HttpFields trailers, int maxHeaders) {
        return trailers != null && trailers.size() > maxHeaders;
    }

    /** Whether the bytes are under a transfer coding that was not asked for, and that nobody here takes off. */
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
