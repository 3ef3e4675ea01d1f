package io.cachingproxy.rules;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A set of small numbers, used as a key in maps; must not be changed after that. */
final class Bits {
    private final long[] words;

    Bits(int size) {
        words = new long[(size + 63) / 64];
    }

    void set(int i) {
        words[i >> 6] |= 1L << i;
    }

    boolean get(int i) {
        return (words[i >> 6] & 1L << i) != 0;
    }

    boolean isEmpty() {
        for (long word : words) {
            if (word != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Bits that && Arrays.equals(words, that.words);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(words);
    }
}
