package io.cachingproxy.cli.config;

/**
 * Size limits of a configuration file, so that a file is refused before it exhausts the heap.
 *
 * @param values maximum number of values after the expansion of aliases: some ten thousand rules in the default heap
 * @param characters maximum number of characters of all values after the expansion of aliases and variables
 * @param rules maximum number of rules of all sites together; shared rules count once for each site
 */
record Bounds(int values, int characters, int rules) {
    /** The limits for the heap of this process. */
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
