package io.cachingproxy.rules;

import java.util.Arrays;

/**
 * A pattern in which a star matches any sequence and {@code ?} any single character. Stored as a literal prefix, a
 * literal suffix, and the wildcards and characters between. The time to match is at most proportional to the product of
 * both lengths; memory is allocated only if more than {@value #MAX_STATES} characters are between the outer wildcards.
 * Immutable.
 */
final class Glob {
    /** Any sequence of characters. */
    static final int ANY = -1;
    /** Any sequence without a slash. */
    static final int ANY_IN_SEGMENT = -2;
    /** Any character. */
    static final int ONE = -3;
    /** Any character except a slash. */
    static final int ONE_IN_SEGMENT = -4;

    private static final int MAX_STATES = 63;

    private final String prefix;

    /** Wildcards, and the literal characters between them as code points; never two consecutive stars. */
    private final int[] middle;

    private final String suffix;

    /** The last characters of prefix and suffix, or -1; compared first, because they differ most often. */
    private final int lastOfPrefix;

    private final int lastOfSuffix;

    private Glob(String prefix, int[] middle, String suffix) {
        this.lastOfPrefix = last(prefix);
        this.lastOfSuffix = last(suffix);
        this.prefix = prefix;
        this.middle = middle;
        this.suffix = suffix;
    }

    /** The glob of these code points and wildcards. */
    static Glob of(int[] tokens) {
        int[] joined = withoutAdjacentStars(tokens);
        int first = 0;
        while (first < joined.length && joined[first] >= 0) {
            first++;
        }
        int last = joined.length;
        while (last > first && joined[last - 1] >= 0) {
            last--;
        }
        String prefix = new String(joined, 0, first);
        String suffix = new String(joined, last, joined.length - last);
        return new Glob(prefix, Arrays.copyOfRange(joined, first, last), suffix);
    }

    /**
     * Parses the glob of a value: {@code *} matches any sequence, {@code ?} any character, and every other character
     * itself.
     */
    static Glob ofValue(String text) {
        return of(
                text.codePoints().map(c -> c == '*' ? ANY : c == '?' ? ONE : c).toArray());
    }

    private static int[] withoutAdjacentStars(int[] tokens) {
        int[] joined = new int[tokens.length];
        int count = 0;
        for (int token : tokens) {
            if (!isStar(token) || count == 0 || !isStar(joined[count - 1])) {
                joined[count++] = token;
            } else if (token == ANY) {
                joined[count - 1] = ANY;
            }
        }
        return Arrays.copyOf(joined, count);
    }

    /** The common prefix of all matching texts. */
    String prefix() {
        return prefix;
    }

    /** The last character of all matching texts; -1 if it differs. */
    int last() {
        return lastOfSuffix < 0 && middle.length == 0 ? lastOfPrefix : lastOfSuffix;
    }

    private static int last(String text) {
        return text.isEmpty() ? -1 : text.charAt(text.length() - 1);
    }

    /** Whether the glob matches the whole of {@code text} from {@code start} to {@code end}. */
    boolean matches(String text, int start, int end) {
        int from = start + prefix.length();
        int to = end - suffix.length();
        if (from > to
                || (lastOfPrefix >= 0 && text.charAt(from - 1) != lastOfPrefix)
                || (lastOfSuffix >= 0 && text.charAt(end - 1) != lastOfSuffix)
                || !text.startsWith(prefix, start)
                || !text.startsWith(suffix, to)) {
            return false;
        }
        if (middle.length == 0) {
            return from == to;
        }
        if (middle.length == 1 && isStar(middle[0])) {
            return middle[0] == ANY || isOneSegment(text, from, to);
        }
        return middle.length <= MAX_STATES ? matchesFew(text, from, to) : matchesMany(text, from, to);
    }

    boolean matches(String text) {
        return matches(text, 0, text.length());
    }

    private static boolean isOneSegment(String text, int from, int to) {
        int slash = text.indexOf('/', from);
        return slash < 0 || slash >= to;
    }

    /** Runs the glob as an automaton: bit i is set if the first i tokens match the characters read so far. */
    private boolean matchesFew(String text, int from, int to) {
        long states = isStar(middle[0]) ? 3 : 1;
        int i = from;
        while (i < to && states != 0) {
            int c = codePointAt(text, i, to);
            i += Character.charCount(c);
            long next = 0;
            for (long left = states; left != 0; left &= left - 1) {
                int state = Long.numberOfTrailingZeros(left);
                if (state < middle.length && accepts(middle[state], c)) {
                    next |= 1L << (isStar(middle[state]) ? state : state + 1);
                }
            }
            states = next;
            for (long left = next; left != 0; left &= left - 1) {
                int state = Long.numberOfTrailingZeros(left);
                if (state < middle.length && isStar(middle[state])) {
                    states |= 2L << state;
                }
            }
        }
        return (states >>> middle.length & 1) != 0;
    }

    /** Runs the glob as an automaton with more states than a long has bits. */
    private boolean matchesMany(String text, int from, int to) {
        boolean[] states = new boolean[middle.length + 1];
        states[0] = true;
        states[1] = isStar(middle[0]);
        int i = from;
        while (i < to) {
            int c = codePointAt(text, i, to);
            i += Character.charCount(c);
            for (int state = middle.length; state >= 0; state--) {
                boolean stays =
                        states[state] && state < middle.length && isStar(middle[state]) && accepts(middle[state], c);
                boolean comes =
                        state > 0 && states[state - 1] && !isStar(middle[state - 1]) && accepts(middle[state - 1], c);
                states[state] = stays || comes;
            }
            for (int state = 0; state < middle.length; state++) {
                states[state + 1] |= states[state] && isStar(middle[state]);
            }
        }
        return states[middle.length];
    }

    private static int codePointAt(String text, int i, int to) {
        char c = text.charAt(i);
        return Character.isHighSurrogate(c) && i + 1 < to ? text.codePointAt(i) : c;
    }

    private static boolean isStar(int token) {
        return token == ANY || token == ANY_IN_SEGMENT;
    }

    private static boolean accepts(int token, int c) {
        return switch (token) {
            case ANY, ONE -> true;
            case ANY_IN_SEGMENT, ONE_IN_SEGMENT -> c != '/';
            default -> token == c;
        };
    }
}
