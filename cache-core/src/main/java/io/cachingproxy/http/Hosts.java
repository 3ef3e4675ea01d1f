package io.cachingproxy.http;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The hosts of one site among others: names, {@code *.name} for the names below it, and {@code *}, without those that
 * other sites have. A name takes precedence over a wildcard, and a longer wildcard over a shorter one. Immutable.
 */
public final class Hosts {
    private static final String ANY = "*";
    private static final char EXCEPT = '!';

    private final String text;
    private final Set<String> own;
    private final Set<String> others;

    private Hosts(Set<String> own, Set<String> others) {
        this.own = Set.copyOf(own);
        this.others = Set.copyOf(others);
        StringBuilder all = new StringBuilder();
        own.forEach(host -> all.append(' ').append(host));
        others.forEach(host -> all.append(' ').append(EXCEPT).append(host));
        this.text = all.substring(1);
    }

    /**
     * The hosts of a site.
     *
     * @param own such as {@code shop.example.com}, {@code *.shop.example.com} or {@code *}; in lower case, without a
     *     port; at least one
     * @param others the hosts of all other sites, in the same form
     */
    public static Hosts of(Collection<String> own, Collection<String> others) {
        Set<String> within = new TreeSet<>();
        for (String other : others) {
            if (own.stream().anyMatch(host -> covers(host, other))) {
                within.add(other);
            }
        }
        return new Hosts(new TreeSet<>(own), within);
    }

    private static boolean covers(String host, String other) {
        return !host.equals(other)
                && (host.equals(ANY) || (host.startsWith("*.") && other.endsWith(host.substring(1))));
    }

    /** The inverse of {@link #text}. */
    public static Hosts parse(String text) {
        Set<String> own = new LinkedHashSet<>();
        Set<String> others = new LinkedHashSet<>();
        for (String host : text.split(" ", -1)) {
            if (host.isEmpty() || host.equals(String.valueOf(EXCEPT))) {
                throw new IllegalArgumentException("not hosts of a site");
            } else if (host.charAt(0) == EXCEPT) {
                others.add(host.substring(1));
            } else {
                own.add(host);
            }
        }
        return new Hosts(own, others);
    }

    /** The hosts in one line, sorted; equal for equal hosts. */
    public String text() {
        return text;
    }

    /**
     * Whether a host is one of these.
     *
     * @param authority host, or host and port; the port is ignored
     */
    public boolean contains(String authority) {
        String host = name(authority);
        if (host.isEmpty() || host.charAt(0) == '@') { // in place of the host in a key: see CacheKey
            return false;
        }
        Boolean known = decided(host);
        for (int dot = host.indexOf('.'); known == null && dot >= 0; dot = host.indexOf('.', dot + 1)) {
            known = decided(ANY + host.substring(dot));
        }
        return known == null ? own.contains(ANY) : known;
    }

    private @Nullable Boolean decided(String pattern) {
        return own.contains(pattern) ? Boolean.TRUE : others.contains(pattern) ? Boolean.FALSE : null;
    }

    /** The name of a host in lower case, without a port and without a dot at its end. */
    public static String name(String authority) {
        return authority.substring(0, nameEnd(authority)).toLowerCase(Locale.ROOT);
    }

    /** The end of {@link #name} in an authority: before the port, and before a dot at the end of the host. */
    public static int nameEnd(String authority) {
        int end = hostEnd(authority);
        return end > 0 && authority.charAt(end - 1) == '.' ? end - 1 : end;
    }

    /** The end of the host in an authority: the index of the colon before the port, or the length without a port. */
    public static int hostEnd(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon > authority.lastIndexOf(']') ? colon : authority.length();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Hosts that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
