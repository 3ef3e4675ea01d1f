package io.cachingproxy.origin.balance;

/** Hash function of rendezvous hashing, with the same results in every process and version. */
final class Hashing {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private Hashing() {}

    /** Maps a server and a value to a number between 0 and 1, both exclusive. */
    static double point(String server, String value) {
        long hash = FNV_OFFSET;
        hash = add(hash, server);
        hash = (hash ^ 0xff) * FNV_PRIME;
        hash = mix(add(hash, value));
        return ((hash >>> 11) + 0.5) * 0x1.0p-53;
    }

    private static long add(long hash, String text) {
        long sum = hash;
        for (int i = 0; i < text.length(); i++) {
            sum = (sum ^ text.charAt(i)) * FNV_PRIME;
        }
        return sum;
    }

    /** The finalizer of SplitMix64: spreads the low bits of an FNV hash over all bits. */
    private static long mix(long hash) {
        long mixed = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
