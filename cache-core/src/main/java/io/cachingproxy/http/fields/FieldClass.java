package io.cachingproxy.http.fields;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.syntax.Remembered;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The class of a request field by its name: whether any client may send it to the origin. Fields that only a proxy in
 * front of this one may set are not part of the cache key, yet servers and frameworks build links, routes and access
 * decisions from them.
 */
public enum FieldClass {
    /** Any client may send it. */
    ORDINARY,
    /**
     * A name with a character other than a letter, a digit or a hyphen. CGI, WSGI and PHP turn such characters into
     * {@code _}, as they do with hyphens, so that the origin reads it as another field.
     */
    AMBIGUOUS,
    /** The address of a client, as a proxy reports it: {@code X-Real-IP}, {@code CF-Connecting-IP}… */
    CLIENT_ADDRESS,
    /**
     * Other information of a proxy about the client or its request, or an instruction to treat the request as a
     * different one.
     */
    PROXY,
    /** A field of the previous two classes in an ambiguous spelling, such as {@code X_Forwarded_Host}. */
    DISGUISED;

    private static final Remembered<FieldClass> CLASSES = new Remembered<>(FieldClass::classify);

    /** Last words of the names of fields with an address. */
    private static final Set<String> ADDRESSES = Set.of("ip", "ipv4", "ipv6", "addr", "clientip", "socketip", "realip");

    /** Words that mark a field of a proxy at any position in the name. */
    private static final Set<String> WORDS = Set.of("forwarded", "forwarder", "override");

    private static final Set<String> NAMES = Set.of(
            "proxy",
            "base-url",
            "front-end-https",
            "x-backend-host",
            "x-base-url",
            "x-host",
            "x-https",
            "x-matched-path",
            "x-method",
            "x-protocol",
            "x-scheme",
            "x-script-name",
            "x-server-name",
            "x-uri",
            "x-url",
            "x-url-scheme");

    /** Prefixes of families of fields. */
    private static final List<String> FAMILIES = List.of(
            "cf-",
            "client-cert",
            "cloudfront-",
            "fastly-",
            "proxy-",
            "remote-",
            "ssl-client-",
            "x-accel-",
            "x-amzn-oidc-",
            "x-appengine-",
            "x-arr-",
            "x-auth-request-",
            "x-authenticated-",
            "x-authentik-",
            "x-azure-",
            "x-client-cert",
            "x-client-verify",
            "x-envoy-",
            "x-forward",
            "x-goog-authenticated-",
            "x-goog-iap-",
            "x-http-destination",
            "x-http-host",
            "x-http-method",
            "x-invoke-",
            "x-middleware-",
            "x-ms-client-principal",
            "x-original-",
            "x-originating-",
            "x-proxy-",
            "x-real-",
            "x-remote-",
            "x-rewrite-",
            "x-sendfile",
            "x-ssl-",
            "x-webauth-");

    /** Fields of the connection to this proxy (RFC 9110 §11.7), which never reach the origin. */
    private static final Set<String> OF_THE_CONNECTION =
            Set.of("proxy-authenticate", "proxy-authentication-info", "proxy-authorization", "proxy-connection");

    /** The class of the field with that name, in any case. */
    public static FieldClass of(String name) {
        return CLASSES.of(name);
    }

    /** Whether all fields of {@code headers} are ordinary. */
    public static boolean areOrdinary(Headers headers) {
        for (int i = 0; i < headers.size(); i++) {
            if (of(headers.name(i)) != ORDINARY) {
                return false;
            }
        }
        return true;
    }

    /** Whether only a proxy in front may set the field. */
    public boolean isOfProxies() {
        return this == CLIENT_ADDRESS || this == PROXY || this == DISGUISED;
    }

    private static FieldClass classify(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        String plain = hyphenated(lower);
        FieldClass family = family(plain);
        if (plain.equals(lower)) {
            return family;
        }
        return family == ORDINARY ? AMBIGUOUS : DISGUISED;
    }

    private static FieldClass family(String name) {
        if (OF_THE_CONNECTION.contains(name)) {
            return ORDINARY;
        }
        if (NAMES.contains(name) || (FAMILIES.stream().anyMatch(name::startsWith) && !isAddress(name))) {
            return PROXY;
        }
        if (List.of(name.split("-")).stream().anyMatch(WORDS::contains)) {
            return PROXY;
        }
        return isAddress(name) ? CLIENT_ADDRESS : ORDINARY;
    }

    private static boolean isAddress(String name) {
        int word = name.lastIndexOf('-');
        return word > 0 && ADDRESSES.contains(name.substring(word + 1));
    }

    /**
     * The name with each character that is not a letter or digit replaced by a hyphen, as CGI replaces it by {@code _}.
     */
    private static String hyphenated(String lower) {
        StringBuilder plain = new StringBuilder(lower);
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            if ((c < 'a' || c > 'z') && (c < '0' || c > '9')) {
                plain.setCharAt(i, '-');
            }
        }
        return plain.toString();
    }
}
