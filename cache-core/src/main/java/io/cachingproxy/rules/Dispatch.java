package io.cachingproxy.rules;

import io.cachingproxy.http.Target;
import java.util.ArrayList;
import java.util.List;

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
        int[] others = places(tests, RequestTest.ANY_CHARACTER);
        for (int character = 0; character <= ASCII; character++) {
            int[] own = places(tests, character);
            places[character] = own.length == others.length ? others : own;
        }
    }

    private static int[] places(List<RequestTest> tests, int character) {
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < tests.size(); i++) {
            int second = Math.min(tests.get(i).secondCharacter(), ASCII);
            if (second == RequestTest.ANY_CHARACTER || second == character) {
                places.add(i);
            }
        }
        return places.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The indexes of the conditions that may hold for {@code target}, in order. */
    int[] of(Target target) {
        boolean normal = target.hasNormalPath();
        String path = normal ? target.pathAndQuery() : target.normalPath();
        int length = normal ? target.pathLength() : path.length();
        return places[length < 2 ? 0 : Math.min(path.charAt(1), ASCII)];
    }
}
