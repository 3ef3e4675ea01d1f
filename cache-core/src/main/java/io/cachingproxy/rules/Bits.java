package io.cachingproxy.rules;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A set of small numbers, used as a key in maps; must not be changed after that. */
final class Bits {
    private static final long[] NONE = {};

    /** The numbers below 64: most lists of rules have no more. */
    private long first;

    private final long[] others;

    Bits(int size) {
        others = size <= Long.SIZE ? NONE : new long[(size - 1) / Long.SIZE];
    }

    void set(int i) {
        if (i < Long.SIZE) {
            first |= 1L << i;
        } else {
            others[i / Long.SIZE - 1] |= 1L << i;
        }
    }

    boolean get(int i) {
        return ((i < Long.SIZE ? first : others[i / Long.SIZE - 1]) & 1L << i) != 0;
    }

    boolean isEmpty() {
        for (long word : others) {
            if (word != 0) {
                return false;
            }
        }
        return first == 0;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Bits that && first == that.first && Arrays.equals(others, that.others);
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(first) + Arrays.hashCode(others);
    }
}
