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
 * The header section of a message: field lines in the order and spelling in which they came. Names compare without
 * case (RFC 9110 §5.1). Immutable.
 */
public final class Headers {
    public static final Headers EMPTY = new Headers(new String[0]);

    /** Names and values that came before, of those that are kept in great number. */
    private static final Remembered<String> COMMON = new Remembered<>(Function.identity());

    private static final Remembered<String> LOWER_CASE = new Remembered<>(name -> name.toLowerCase(Locale.ROOT));

    /** Longer than any body, and short enough to be added up. */
    private static final long MAX_LENGTH = Long.MAX_VALUE / 16;

    /** name, value, name, value… */
    private final String[] lines;

    /**
     * A bit for each name that may be here, so that a name that is not is mostly told without a look at the lines.
     * Computed when it is first needed, by whoever needs it: 0 until then.
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
     * A builder that expects so many field lines.
     *
     * @param lines 0 or more; others than expected only cost a copy
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

    /** The name of field line {@code i}, as it was spelled. */
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

    /** The value of the first line of that name, or null if there is none. */
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

    /** The values of all lines of that name, in order. */
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

    /** The combined field value: all lines of that name joined by {@code ", "} (RFC 9110 §5.2), or null without any. */
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

    /** The length that Content-Length announces; null if there is none, or it is no number. */
    public @Nullable Long contentLength() {
        String announced = first("Content-Length");
        return announced == null ? null : FieldValues.number(announced.strip(), MAX_LENGTH);
    }

    /** These headers with all lines of that name replaced by one, in place of the first or at the end. */
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

    /** These headers with all lines of that name joined into one, {@code separator} between their values. */
    public Headers joined(String name, String separator) {
        List<String> values = all(name);
        return values.size() < 2 ? this : with(name, String.join(separator, values));
    }

    /**
     * These headers with more lines at the end.
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

    /** These headers with the lines of the other after their own. */
    public Headers plus(Headers other) {
        String[] more = Arrays.copyOf(lines, lines.length + other.lines.length);
        System.arraycopy(other.lines, 0, more, lines.length, other.lines.length);
        return new Headers(more);
    }

    public Headers without(String name) {
        return contains(name) ? filter((n, v) -> !same(n, name)) : this;
    }

    /** These headers less every line whose lower-case name is among {@code lowerCaseNames}. */
    public Headers without(Collection<String> lowerCaseNames) {
        return lowerCaseNames.isEmpty() ? this : filter((n, v) -> !lowerCaseNames.contains(LOWER_CASE.of(n)));
    }

    /** The lines that {@code keep} (name, value) accepts. */
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

    /** The same in less memory, where many are kept: of names and values that came before, the very strings. */
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

    /** The names only: values may be secrets. */
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

    /** One of 64 bits, the same in upper and lower case; all of them where case is not so simple. */
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

        /** All that was added; lines added later are not in it. */
        public Headers build() {
            lines = length == lines.length ? lines : Arrays.copyOf(lines, length);
            return length == 0 ? EMPTY : new Headers(lines);
        }
    }
}
