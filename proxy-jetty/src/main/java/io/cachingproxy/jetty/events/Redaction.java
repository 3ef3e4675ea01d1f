package io.cachingproxy.jetty.events;

import io.cachingproxy.http.syntax.PercentEncoding;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Replaces the secrets in a URL before it is logged or shown: users and passwords, and the values of parameters with
 * secret names, in the query, in the fragment and in the path ({@code /cart;jsessionid=***}). Names are compared as an
 * origin decodes them. A value, or a segment of the path, that contains such a parameter, or a URL with a user, also
 * encoded several times, is replaced as a whole. Linear in the length of the URL.
 */
public final class Redaction {
    /** The parameters that are redacted by default. */
    public static final List<String> DEFAULT = List.of(
            "*token*",
            "*secret*",
            "*passw*",
            "pwd",
            "*api_key*",
            "*api-key*",
            "*apikey*",
            "key",
            "*signature*",
            "sig",
            "*credential*",
            "auth",
            "authorization",
            "*jwt*",
            "*session*",
            "*sessid*",
            "code");

    private static final String REPLACEMENT = "***";
    private static final Pattern BRACKETS = Pattern.compile("[\\[\\]]");
    private static final Pattern USER_INFO = Pattern.compile("(?<=[/\\\\]{2})[^/\\\\?#\\s]*@");

    /** By the default names. */
    public static final Redaction BY_DEFAULT = new Redaction(DEFAULT);

    /** The separators of parameters, in queries, in fragments and in older forms. */
    private static final String SEPARATORS = "?&#;= \t\r\n";

    /** How often a value is decoded; a value that is encoded more often is replaced. */
    private static final int MAX_DECODINGS = 4;

    private final List<Name> secret;

    /** @param names names of parameters, in which {@code *} matches any text; upper and lower case are equal */
    public Redaction(List<String> names) {
        secret = names.stream().map(Name::of).toList();
    }

    /** The name of a parameter, as the texts between its asterisks. */
    private record Name(List<String> parts) {
        static Name of(String text) {
            return new Name(List.of(text.toLowerCase(Locale.ROOT).split("\\*", -1)));
        }

        boolean matches(String name) {
            int last = parts.size() - 1;
            if (last == 0) {
                return name.equals(parts.get(0));
            }
            int at = name.startsWith(parts.get(0)) ? parts.get(0).length() : -1;
            for (int i = 1; i < last && at >= 0; i++) {
                int found = name.indexOf(parts.get(i), at);
                at = found < 0 ? -1 : found + parts.get(i).length();
            }
            return at >= 0 && name.length() - parts.get(last).length() >= at && name.endsWith(parts.get(last));
        }
    }

    /** A URL, or a path with or without a query, with {@code ***} in place of each secret. */
    public String redacted(String url) {
        int query = url.indexOf('?');
        int fragment = url.indexOf('#');
        int path = query >= 0 && (fragment < 0 || query < fragment) ? query : fragment >= 0 ? fragment : url.length();
        String before = url.substring(0, path);
        String shown =
                before.indexOf('@') < 0 ? before : USER_INFO.matcher(before).replaceAll(REPLACEMENT + "@");
        if (secret.isEmpty()) {
            return shown + url.substring(path);
        }
        StringBuilder text = new StringBuilder(path(shown));
        for (int start = path; start < url.length(); ) {
            int end = end(url, "&#", start + 1);
            text.append(url.charAt(start)).append(parameter(url.substring(start + 1, end)));
            start = end;
        }
        return text.toString();
    }

    /** The part before the query. The parameters of a segment are separated by semicolons. */
    private String path(String path) {
        if (path.indexOf('=') < 0 && path.indexOf('%') < 0) {
            return path; // nor has it an encoded equals sign
        }
        StringBuilder text = new StringBuilder(path.length());
        char before = '/';
        for (int start = 0; start <= path.length(); ) {
            int end = end(path, "/;", start);
            String part = path.substring(start, end);
            text.append(before == ';' ? parameter(part) : hasSecretInSegment(part) ? REPLACEMENT : part);
            if (end < path.length()) {
                before = path.charAt(end);
                text.append(before);
            }
            start = end + 1;
        }
        return text.toString();
    }

    /**
     * Whether a segment of a path, decoded repeatedly, has a parameter with a secret name behind a separator, or a URL with
     * a user.
     */
    private boolean hasSecretInSegment(String segment) {
        return isFound(segment, text -> {
            int name = end(text, ";?&#", 0);
            return hasUser(text) || (name < text.length() && hasSecretParameter(text.substring(name + 1)));
        });
    }

    private String parameter(String parameter) {
        int equals = parameter.indexOf('=');
        String name = parameter.substring(0, Math.max(equals, 0));
        if (hasSecret(name)) {
            return REPLACEMENT;
        } else if (!isSecret(name) && !hasSecret(parameter.substring(equals + 1))) {
            return parameter;
        }
        return equals < 0 ? REPLACEMENT : name + '=' + REPLACEMENT;
    }

    /** Whether a name is secret, or one of its parts: {@code user[key]} has the parts {@code user} and {@code key}. */
    private boolean isSecret(String name) {
        String decoded = PercentEncoding.decodeForm(name).strip().toLowerCase(Locale.ROOT);
        return isListed(decoded)
                || (decoded.indexOf('[') >= 0
                        && Stream.of(BRACKETS.split(decoded)).anyMatch(this::isListed));
    }

    private boolean isListed(String name) {
        return !name.isEmpty() && secret.stream().anyMatch(it -> it.matches(name));
    }

    private static boolean hasUser(String text) {
        return text.indexOf('@') >= 0 && USER_INFO.matcher(text).find();
    }

    /** Whether a text, decoded repeatedly, has a parameter with a secret name or a URL with a user. */
    private boolean hasSecret(String encoded) {
        return isFound(encoded, text -> hasSecretParameter(text) || hasUser(text));
    }

    /** Whether a secret is found in a text, or in it decoded repeatedly; true for one that is encoded too often. */
    private static boolean isFound(String encoded, Predicate<String> secret) {
        String text = encoded;
        for (int decodings = 0; decodings <= MAX_DECODINGS; decodings++) {
            if (secret.test(text)) {
                return true;
            }
            String decoded = PercentEncoding.decodeForm(text);
            if (decoded.equals(text)) {
                return false;
            }
            text = decoded;
        }
        return true;
    }

    private boolean hasSecretParameter(String text) {
        for (int start = 0; start < text.length(); ) {
            int end = end(text, SEPARATORS, start);
            if (end < text.length() && text.charAt(end) == '=' && isSecret(text.substring(start, end))) {
                return true;
            }
            start = end + 1;
        }
        return false;
    }

    /** The index of the first of some characters from {@code start} on; the length of the text without one. */
    private static int end(String text, String characters, int start) {
        int end = start;
        while (end < text.length() && characters.indexOf(text.charAt(end)) < 0) {
            end++;
        }
        return end;
    }
}
