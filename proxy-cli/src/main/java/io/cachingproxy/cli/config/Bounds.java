package io.cachingproxy.cli.config;

/**
 * How large a file may be, so that a file that is too large is refused before it exhausts the heap.
 *
 * @param values once aliases are expanded: some ten thousand rules in the default heap
 * @param characters of all values, once aliases and variables are expanded
 * @param rules of all sites together, the rules for all sites counted once for each
 */
record Bounds(int values, int characters, int rules) {
    /** What fits into the heap of this process. */
    static final Bounds OF_HEAP = of(Runtime.getRuntime().maxMemory());

    static Bounds of(long heapBytes) {
        return new Bounds(
                bound(2_000_000, heapBytes / 1024),
                bound(20_000_000, heapBytes / 64),
                bound(1_000_000, heapBytes / 2048));
    }

    private static int bound(int most, long fitting) {
        return (int) Math.min(most, fitting);
    }
}
