package io.cachingproxy.http;

import io.cachingproxy.http.syntax.FieldValues;
import io.cachingproxy.http.syntax.Remembered;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The header section of a message: field lines in the order and spelling in which they were received. Names are
 * compared case-insensitively (RFC 9110 §5.1). Immutable.
 */
public final class Headers {
    public static final Headers EMPTY = new Headers(new String[0]);

    /** Interned names and values, shared by header sections that are kept for long. */
    private static final Remembered<String> COMMON = new Remembered<>(Function.identity());

    private static final Remembered<String> LOWER_CASE = new Remembered<>(name -> name.toLowerCase(Locale.ROOT));

    /** The upper limit of Content-Length: longer than any body, and small enough for sums without overflow. */
    private static final long MAX_LENGTH = Long.MAX_VALUE / 16;

    /** name, value, name, value… */
    private final String[] lines;

    /**
     * A Bloom filter of the names, so that the absence of a name is mostly detected without reading the lines. Computed
     * lazily, possibly by several threads; 0 until then.
     */
    private long names;

    private Headers(String[] lines) {
        this.lines = lines;
    }

    /**
     * The header section of these names and values.
     *
     * @param namesAndValues name, value, name, value…
     * @throws IllegalArgumentException if a value is missing
     */
    public static Headers of(String... namesAndValues) {
        return namesAndValues.length == 0 ? EMPTY : EMPTY.plus(namesAndValues);
    }

    public static Builder builder() {
        return builder(16);
    }

    /**
     * A builder with capacity for a number of field lines.
     *
     * @param lines the expected number, 0 or more; the builder grows if there are more
     */
    public static Builder builder(int lines) {
        return new Builder(lines);
    }

    /** The number of field lines. */
    public int size() {
        return lines.length / 2;
    }

    public boolean isEmpty() {
        return lines.length == 0;
    }

    /** The name of field line {@code i}, as received. */
    public String name(int i) {
        return lines[2 * i];
    }

    /** The value of field line {@code i}. */
    public String value(int i) {
        return lines[2 * i + 1];
    }

    public boolean contains(String name) {
        return first(name) != null;
    }

    /** The value of the first line with this name, or null if there is none. */
    public @Nullable String first(String name) {
        if (isSurelyAbsent(name)) {
            return null;
        }
        for (int i = 0; i < lines.length; i += 2) {
            if (same(lines[i], name)) {
                return lines[i + 1];
            }
        }
        return null;
    }

    /** The values of all lines with this name, in order. */
    public List<String> all(String name) {
        if (isSurelyAbsent(name)) {
            return List.of();
        }
        List<String> values = List.of();
        for (int i = 0; i < lines.length; i += 2) {
            if (same(lines[i], name)) {
                if (values.isEmpty()) {
                    values = new ArrayList<>(2);
                }
                values.add(lines[i + 1]);
            }
        }
        return values;
    }

    /**
     * The combined field value: all lines with this name joined by {@code ", "} (RFC 9110 §5.2); null if there is none.
     */
    public @Nullable String combined(String name) {
        if (isSurelyAbsent(name)) {
            return null;
        }
        String first = null;
        for (int i = 0; i < lines.length; i += 2) {
            if (same(lines[i], name)) {
                if (first != null) {
                    return String.join(", ", all(name));
                }
                first = lines[i + 1];
            }
        }
        return first;
    }

    /** The members of a comma-separated field, over all its lines; quoted strings stay whole (RFC 9110 §5.6.1). */
    public List<String> list(String name) {
        List<String> values = all(name);
        if (values.isEmpty()) {
            return List.of();
        }
        List<String> members = new ArrayList<>();
        for (String value : values) {
            members.addAll(FieldValues.split(value));
        }
        return members;
    }

    /** Whether {@link #list} of this field has this member, in any case. */
    public boolean hasMember(String name, String member) {
        for (String found : list(name)) {
            if (found.equalsIgnoreCase(member)) {
                return true;
            }
        }
        return false;
    }

    /** The value of Content-Length; null if it is absent or not a number. */
    public @Nullable Long contentLength() {
        String announced = first("Content-Length");
        return announced == null ? null : FieldValues.number(announced.strip(), MAX_LENGTH);
    }

    /** A copy in which one line replaces all lines with this name, at the position of the first one or at the end. */
    public Headers with(String name, String value) {
        Builder changed = builder(size() + 1);
        boolean placed = false;
        for (int i = 0; i < lines.length; i += 2) {
            if (!same(lines[i], name)) {
                changed.add(lines[i], lines[i + 1]);
            } else if (!placed) {
                changed.add(name, value);
                placed = true;
            }
        }
        return (placed ? changed : changed.add(name, value)).build();
    }

    /** A copy in which all lines with this name are joined into one, with {@code separator} between the values. */
    public Headers joined(String name, String separator) {
        List<String> values = all(name);
        return values.size() < 2 ? this : with(name, String.join(separator, values));
    }

    /**
     * A copy with additional lines at the end.
     *
     * @param namesAndValues name, value, name, value…
     * @throws IllegalArgumentException if a value is missing
     */
    public Headers plus(String... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException("a value is missing after " + namesAndValues[namesAndValues.length - 1]);
        }
        String[] more = Arrays.copyOf(lines, lines.length + namesAndValues.length);
        System.arraycopy(namesAndValues, 0, more, lines.length, namesAndValues.length);
        return new Headers(more);
    }

    /** A copy with the lines of {@code more} at the end. */
    public Headers plus(Headers other) {
        String[] more = Arrays.copyOf(lines, lines.length + other.lines.length);
        System.arraycopy(other.lines, 0, more, lines.length, other.lines.length);
        return new Headers(more);
    }

    public Headers without(String name) {
        return contains(name) ? filter((n, v) -> !same(n, name)) : this;
    }

    /** A copy without the lines whose names in lower case are in {@code lowerCaseNames}. */
    public Headers without(Collection<String> lowerCaseNames) {
        return lowerCaseNames.isEmpty() ? this : filter((n, v) -> !lowerCaseNames.contains(LOWER_CASE.of(n)));
    }

    /** A copy with the lines that {@code keep} (name, value) accepts. */
    public Headers filter(BiPredicate<String, String> keep) {
        String[] kept = new String[lines.length];
        int n = 0;
        for (int i = 0; i < lines.length; i += 2) {
            if (keep.test(lines[i], lines[i + 1])) {
                kept[n++] = lines[i];
                kept[n++] = lines[i + 1];
            }
        }
        return n == lines.length ? this : new Headers(Arrays.copyOf(kept, n));
    }

    /** A copy for long-term storage, which shares equal names and values with other copies. */
    public Headers compact() {
        if (lines.length == 0) {
            return this;
        }
        String[] common = new String[lines.length];
        for (int i = 0; i < lines.length; i++) {
            common[i] = COMMON.of(lines[i]);
        }
        return new Headers(common);
    }

    /** The size on the wire in characters: each name, value, colon, space and line end. */
    public long length() {
        long sum = 0;
        for (int i = 0; i < lines.length; i += 2) {
            sum += lines[i].length() + lines[i + 1].length() + 4;
        }
        return sum;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Headers that && Arrays.equals(lines, that.lines);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(lines);
    }

    /** The names only, because values may be secret. */
    @Override
    public String toString() {
        StringBuilder names = new StringBuilder("Headers[");
        for (int i = 0; i < lines.length; i += 2) {
            names.append(i == 0 ? "" : ", ").append(lines[i]);
        }
        return names.append(']').toString();
    }

    private boolean isSurelyAbsent(String name) {
        long known = names;
        if (known == 0) {
            for (int i = 0; i < lines.length; i += 2) {
                known |= bit(lines[i]);
            }
            names = known;
        }
        return (known & bit(name)) == 0;
    }

    /**
     * The bit of a name in the filter, the same in upper and lower case; all bits for a name with non-ASCII characters.
     */
    private static long bit(String name) {
        char first = name.isEmpty() ? 0 : name.charAt(0);
        return first < 128 ? 1L << (7 * name.length() + (first & 0x1f)) : -1;
    }

    private static boolean same(String a, String b) {
        return a.length() == b.length() && a.equalsIgnoreCase(b);
    }

    /** Collects field lines. */
    public static final class Builder {
        private String[] lines;
        private int length;

        private Builder(int expected) {
            lines = new String[2 * expected];
        }

        public Builder add(String name, String value) {
            if (length == lines.length) {
                lines = Arrays.copyOf(lines, 2 * length + 2);
            }
            lines[length++] = name;
            lines[length++] = value;
            return this;
        }

        /** The header section of the lines added so far; lines added later do not change it. */
        public Headers build() {
            lines = length == lines.length ? lines : Arrays.copyOf(lines, length);
            return length == 0 ? EMPTY : new Headers(lines);
        }
    }
}
