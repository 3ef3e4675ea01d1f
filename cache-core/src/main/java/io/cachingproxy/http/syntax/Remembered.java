package io.cachingproxy.http.syntax;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A bounded cache of parsed field values, because few values of each field are common. Values beyond the bound, and
 * long values, are parsed each time. Thread-safe; two threads may parse the same value at the same time.
 *
 * @param <T> the parsed value; immutable
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

    /** Returns the parsed {@code value}. */
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
