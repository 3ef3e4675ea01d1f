package io.cachingproxy.jetty.purge;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.fields.FieldClass;
import io.cachingproxy.jetty.purge.PurgeCommand.Unclear;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The fields of a BAN. A BAN without a field that restricts it purges the whole site, so a field that is neither known
 * nor usual in requests is refused: it may be meant as such a restriction.
 */
final class BanFields {
    /** The fields that say what to purge. */
    private static final Set<String> KNOWN = Set.of(
            "apiplatform-ban-regex",
            "cache-tags",
            "surrogate-key",
            "x-cache-tags",
            "x-content-type",
            "x-host",
            "x-url",
            "xkey");

    /** The fields of other purge requests that resemble fields of proxies. */
    private static final List<String> OTHERS = List.of("fastly-soft-purge", "fastly-key");

    /** Fields of HTTP, of clients and of tracing, which do not say what to purge. */
    private static final Set<String> USUAL = Set.of(
            "accept",
            "accept-charset",
            "accept-encoding",
            "accept-language",
            "authorization",
            "baggage",
            "cache-control",
            "connection",
            "content-encoding",
            "content-length",
            "content-type",
            "cookie",
            "date",
            "dnt",
            "expect",
            "from",
            "host",
            "http2-settings",
            "keep-alive",
            "max-forwards",
            "newrelic",
            "origin",
            "pragma",
            "priority",
            "proxy-connection",
            "referer",
            "request-id",
            "sentry-trace",
            "te",
            "traceparent",
            "tracestate",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "upgrade-insecure-requests",
            "user-agent",
            "via",
            "x-correlation-id",
            "x-powered-by",
            "x-request-id",
            "x-requested-with",
            "x-trace-id");

    /** Prefixes of families of such fields. */
    private static final List<String> FAMILIES =
            List.of("sec-", "x-b3-", "x-amzn-trace-", "x-cloud-trace-", "x-datadog-", "uber-trace-");

    private BanFields() {}

    /** @throws Unclear if there is another field; the message names it */
    static void check(Headers headers) {
        for (int i = 0; i < headers.size(); i++) {
            String name = headers.name(i).toLowerCase(Locale.ROOT);
            if (!KNOWN.contains(name) && (OTHERS.contains(name) || !isUsual(name))) {
                throw new Unclear("the field " + headers.name(i) + " is not known in a BAN");
            }
        }
    }

    private static boolean isUsual(String name) {
        return USUAL.contains(name)
                || FAMILIES.stream().anyMatch(name::startsWith)
                || FieldClass.of(name).isOfProxies();
    }
}
