package io.cachingproxy.rules;

import io.cachingproxy.http.Target;
import java.util.ArrayList;
import java.util.List;

/**
 * Which of many conditions on requests can hold at all for a path, by the character behind its first slash: most rules are
 * for a part of a site that has a name of its own. Immutable.
 */
final class Dispatch {
    private static final int ASCII = 128;

    /** By character, the places of the conditions that may hold, in order; the last for all characters beyond ASCII. */
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

    /** The places of the conditions that may hold for {@code target}, in order. */
    int[] of(Target target) {
        boolean normal = target.hasNormalPath();
        String path = normal ? target.pathAndQuery() : target.normalPath();
        int length = normal ? target.pathLength() : path.length();
        return places[length < 2 ? 0 : Math.min(path.charAt(1), ASCII)];
    }
}
