package io.cachingproxy.rules;

import io.cachingproxy.http.Target;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An index of conditions by the first character of the path after the slash: preselects those that can hold, because
 * most rules apply to one part of a site. Immutable.
 */
final class Dispatch {
    private static final int ASCII = 128;

    /**
     * For each character, the indexes of the conditions that may hold, in order; the last element is for all non-ASCII
     * characters.
     */
    private final int[][] places = new int[ASCII + 1][];

    Dispatch(List<RequestTest> tests) {
        int[] second = tests.stream()
                .mapToInt(test -> Math.min(test.secondCharacter(), ASCII))
                .toArray();
        Arrays.fill(places, places(second, RequestTest.ANY_CHARACTER));
        Arrays.stream(second)
                .distinct()
                .filter(character -> character != RequestTest.ANY_CHARACTER)
                .forEach(character -> places[character] = places(second, character));
    }

    private static int[] places(int[] second, int character) {
        return IntStream.range(0, second.length)
                .filter(i -> second[i] == RequestTest.ANY_CHARACTER || second[i] == character)
                .toArray();
    }

    /** The indexes of the conditions that may hold for {@code target}, in order. */
    int[] of(Target target) {
        boolean normal = target.hasNormalPath();
        String path = normal ? target.pathAndQuery() : target.normalPath();
        int length = normal ? target.pathLength() : path.length();
        return places[length < 2 ? 0 : Math.min(path.charAt(1), ASCII)];
    }
}
