package io.cachingproxy.rules;

import java.util.List;
import java.util.function.Function;

/** The value of a condition in Kleene's three-valued logic. */
enum Truth {
    NO,
    MAYBE,
    YES;

    static Truth of(boolean known) {
        return known ? YES : NO;
    }

    Truth negated() {
        return switch (this) {
            case NO -> YES;
            case MAYBE -> MAYBE;
            case YES -> NO;
        };
    }

    /** The minimum of all values; YES if there are none. */
    static <T> Truth allOf(List<T> parts, Function<T, Truth> known) {
        Truth lowest = YES;
        for (int i = 0; i < parts.size() && lowest != NO; i++) {
            Truth part = known.apply(parts.get(i));
            lowest = part.compareTo(lowest) < 0 ? part : lowest;
        }
        return lowest;
    }

    /** The maximum of all values; NO if there are none. */
    static <T> Truth anyOf(List<T> parts, Function<T, Truth> known) {
        return allOf(parts, part -> known.apply(part).negated()).negated();
    }
}
