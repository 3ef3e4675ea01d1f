package io.cachingproxy.http.syntax;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What field values mean, remembered for those that come again and again: there are few of each field in use. Whoever
 * sends many others only has them parsed each time. Takes a bounded number of short values; safe for any number of
 * threads, of which one may parse what another one just has.
 *
 * @param <T> what they mean; immutable
 */
public final class Remembered<T> {
    private static final int MAX_LENGTH = 256;
    private static final int SLOTS = 512;

    private final Function<String, T> parser;
    private final @Nullable Entry<?>[] entries = new Entry<?>[SLOTS];

    private record Entry<T>(String value, T meaning) {}

    public Remembered(Function<String, T> parser) {
        this.parser = parser;
    }

    /** What {@code value} means. */
    public T of(String value) {
        if (value.length() > MAX_LENGTH) {
            return parser.apply(value);
        }
        int hash = value.hashCode();
        int slot = (hash ^ hash >>> 16) & SLOTS - 1;
        @SuppressWarnings("unchecked") // only those of this parser are put there
        Entry<T> entry = (Entry<T>) entries[slot];
        if (entry == null || !entry.value.equals(value)) {
            entry = new Entry<>(value, parser.apply(value));
            entries[slot] = entry;
        }
        return entry.meaning;
    }
}
