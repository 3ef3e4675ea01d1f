package io.cachingproxy.cli.preview;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.http.fields.Masking;
import io.cachingproxy.jetty.events.Redaction;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Replaces values in recorded heads that can be secrets by hashes, so that rules cannot be written to find them out. Equal
 * values stay equal, so that responses that vary by them, and rules that ask whether there is one, have the same effect.
 */
final class Pseudonyms {
    private final Salt salt = new Salt();
    private final Redaction redaction;

    /** @param redaction of URLs */
    Pseudonyms(Redaction redaction) {
        this.redaction = redaction;
    }

    Recorded of(Recorded recorded) {
        RequestHead request = recorded.request();
        ResponseHead response = recorded.response();
        Target target = request.target();
        return new Recorded(
                recorded.time(),
                request.withTarget(new Target(
                                target.scheme(), target.authority(), redaction.redacted(target.pathAndQuery())))
                        .withHeaders(headers(request.headers())),
                recorded.client(),
                response.withHeaders(headers(response.headers())),
                recorded.bytes());
    }

    private Headers headers(Headers headers) {
        Headers.Builder hidden = Headers.builder();
        for (int i = 0; i < headers.size(); i++) {
            hidden.add(headers.name(i), value(headers.name(i), headers.value(i)));
        }
        return hidden.build();
    }

    private String value(String name, String value) {
        if (Masking.isShown(name)) {
            return redaction.redacted(value);
        }
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "cookie" -> Arrays.stream(value.split("; *")).map(this::pair).collect(Collectors.joining("; "));
            case "set-cookie" -> pair(value);
            default -> hash(value);
        };
    }

    /** The name of a cookie, and the hash of the rest. */
    private String pair(String cookie) {
        int equals = cookie.indexOf('=');
        return cookie.substring(0, equals + 1) + hash(cookie.substring(equals + 1));
    }

    private String hash(String value) {
        return value.isBlank() ? value : Long.toHexString(salt.hash(value));
    }
}
