package io.cachingproxy.http;

import io.cachingproxy.http.syntax.FieldValues;
import io.cachingproxy.http.syntax.Remembered;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The directives of a Cache-Control field (RFC 9111 §5.2), or of a targeted field with the same directives (RFC 9213).
 *
 * <p>Malformed directives fail closed: a restricting directive applies even if malformed ({@code no-store="x"}, {@code
 * private=foo}), a malformed lifetime is zero ({@code max-age = 60}), a permitting directive must be well-formed, and
 * the first of several directives with one name counts (RFC 9111 §4.2.1).
 */
public final class CacheControl {
    /** The largest delta-seconds value; larger values are replaced by this one (RFC 9111 §1.2.2). */
    public static final Duration MAX_DELTA = Duration.ofSeconds(Integer.MAX_VALUE + 1L);

    public static final CacheControl NONE = new CacheControl(Map.of());

    private static final Remembered<CacheControl> LINES = new Remembered<>(line -> parsed(List.of(line)));

    /**
     * Maximum length of merged field lists. Longer lists count as unqualified, so that the whole response is
     * restricted.
     */
    private static final int MAX_FIELDS = 1024;

    private static final Set<String> RESTRICTING = Set.of("no-store", "no-cache", "private");

    private static final Set<String> LIFETIMES = Set.of("max-age", "s-maxage");

    /**
     * Replaces a malformed {@code must-revalidate}: restricts reuse as that does, but permits nothing (RFC 9111 §3.5).
     */
    private static final String REVALIDATES = "proxy-revalidate";

    /** Arguments by directive name in lower case; empty for a directive without an argument. */
    private final Map<String, String> directives;

    private final @Nullable Duration maxAge;
    private final @Nullable Duration sMaxAge;

    private CacheControl(Map<String, String> directives) {
        this.directives = directives;
        this.maxAge = seconds("max-age");
        this.sMaxAge = seconds("s-maxage");
    }

    /** The directives of a response. */
    public static CacheControl ofResponse(Headers headers) {
        return parse(headers.all("Cache-Control"));
    }

    /** The directives of a request; {@code Pragma: no-cache} counts where Cache-Control is absent (RFC 9111 §5.4). */
    public static CacheControl ofRequest(Headers headers) {
        List<String> lines = headers.all("Cache-Control");
        if (!lines.isEmpty()) {
            return parse(lines);
        }
        return headers.hasMember("Pragma", "no-cache") ? new CacheControl(Map.of("no-cache", "")) : NONE;
    }

    /** The directives of these field lines. */
    public static CacheControl parse(List<String> lines) {
        if (lines.isEmpty()) {
            return NONE;
        }
        return lines.size() == 1 ? LINES.of(lines.get(0)) : parsed(lines);
    }

    private static CacheControl parsed(List<String> lines) {
        Map<String, String> directives = new LinkedHashMap<>();
        for (String line : lines) {
            for (String member : FieldValues.split(line)) {
                add(directives, member);
            }
        }
        return directives.isEmpty() ? NONE : new CacheControl(directives);
    }

    /** Creates the directives from a field that was parsed as a structured field (RFC 9213). */
    public static CacheControl of(Map<String, String> directives) {
        return directives.isEmpty() ? NONE : new CacheControl(new LinkedHashMap<>(directives));
    }

    private static void add(Map<String, String> directives, String member) {
        int equals = member.indexOf('=');
        String name = (equals < 0 ? member : member.substring(0, equals)).toLowerCase(Locale.ROOT);
        String argument = equals < 0 ? "" : member.substring(equals + 1);
        String bare = name.strip();
        boolean wellFormed = FieldValues.isToken(name) && (equals < 0 || isArgument(argument));
        if (RESTRICTING.contains(bare)) {
            restrict(directives, bare, argument.strip());
        } else if (wellFormed) {
            directives.putIfAbsent(name, argument);
        }
        if (!wellFormed) {
            misspelled(directives, member.toLowerCase(Locale.ROOT));
        }
    }

    private static boolean isArgument(String text) {
        return FieldValues.isToken(text) || FieldValues.unquote(text) != null;
    }

    /**
     * {@code no-cache="Set-Cookie"} restricts one field; a second {@code no-cache} without an argument restricts the
     * whole response.
     */
    private static void restrict(Map<String, String> directives, String name, String argument) {
        String known = directives.get(name);
        if (known == null || argument.isEmpty()) {
            directives.put(name, argument);
        } else if (known.length() > MAX_FIELDS) {
            directives.put(name, "");
        } else if (!known.isEmpty()) {
            directives.put(name, fields(known) == null || fields(argument) == null ? "" : merge(known, argument));
        }
    }

    private static String merge(String one, String other) {
        return '"' + String.join(", ", or(fields(one))) + ", " + String.join(", ", or(fields(other))) + '"';
    }

    private static List<String> or(@Nullable List<String> fields) {
        return fields == null ? List.of() : fields;
    }

    /**
     * In a malformed member, restricting directives still apply, and lifetimes are zero: {@code max-age=9; no-store},
     * {@code x="9, private}, {@code max-age: 9}.
     */
    private static void misspelled(Map<String, String> directives, String member) {
        for (String word : member.split("[^a-z-]+", -1)) {
            if (RESTRICTING.contains(word) || LIFETIMES.contains(word)) {
                directives.put(word, "");
            } else if (word.equals("must-revalidate") || word.equals(REVALIDATES)) {
                directives.put(REVALIDATES, "");
            }
        }
    }

    /** A copy without these directives, given by name in lower case. */
    public CacheControl without(Set<String> names) {
        if (Collections.disjoint(directives.keySet(), names)) {
            return this;
        }
        Map<String, String> left = new LinkedHashMap<>(directives);
        left.keySet().removeAll(names);
        return left.isEmpty() ? NONE : new CacheControl(left);
    }

    public boolean isEmpty() {
        return directives.isEmpty();
    }

    /** Whether the directive is present, with or without an argument. */
    public boolean has(String directive) {
        return directives.containsKey(directive);
    }

    /** Whether the directive is present as defined, without an argument: {@code public}, {@code must-understand}. */
    public boolean permits(String directive) {
        return "".equals(directives.get(directive));
    }

    /** Whether the directive is present with a number of seconds. */
    public boolean hasSeconds(String directive) {
        String argument = directives.get(directive);
        return argument != null && number(argument) != null;
    }

    public boolean noStore() {
        return has("no-store");
    }

    /** Whether {@code no-cache} applies to the whole message, not only to some of its fields (RFC 9111 §5.2.2.4). */
    public boolean noCache() {
        return has("no-cache") && fieldsOf("no-cache").isEmpty();
    }

    /** Whether the whole response, not only some of its fields, is {@code private} (RFC 9111 §5.2.2.7). */
    public boolean isPrivate() {
        return has("private") && fieldsOf("private").isEmpty();
    }

    /** The field names, in lower case, that a qualified {@code no-cache="…"} or {@code private="…"} lists. */
    public List<String> fieldsOf(String directive) {
        return or(fields(directives.getOrDefault(directive, "")));
    }

    private static @Nullable List<String> fields(String argument) {
        String names = FieldValues.unquote(argument);
        if (names == null) {
            return null;
        }
        List<String> fields = FieldValues.split(names.toLowerCase(Locale.ROOT));
        return fields.isEmpty() || !fields.stream().allMatch(FieldValues::isToken) ? null : fields;
    }

    public @Nullable Duration maxAge() {
        return maxAge;
    }

    public @Nullable Duration sMaxAge() {
        return sMaxAge;
    }

    /**
     * The delta-seconds argument of a directive, as a token or a quoted string; null if the directive or its argument
     * is absent. An argument that is not a number counts as zero, that is, stale (RFC 9111 §4.2.1).
     */
    public @Nullable Duration seconds(String directive) {
        String argument = directives.get(directive);
        if (argument == null) {
            return null;
        }
        Long seconds = number(argument);
        return seconds == null ? Duration.ZERO : Duration.ofSeconds(seconds);
    }

    private static @Nullable Long number(String argument) {
        String unquoted = FieldValues.unquote(argument);
        return FieldValues.number(unquoted == null ? argument : unquoted, MAX_DELTA.toSeconds());
    }

    /** Like {@link #seconds}, but returns {@code unbounded} if the directive has no argument ({@code max-stale}). */
    public @Nullable Duration secondsOr(String directive, Duration unbounded) {
        return "".equals(directives.get(directive)) ? unbounded : seconds(directive);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CacheControl that && directives.equals(that.directives);
    }

    @Override
    public int hashCode() {
        return directives.hashCode();
    }

    @Override
    public String toString() {
        return directives.toString();
    }
}
