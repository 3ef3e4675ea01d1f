package io.cachingproxy.cli.preview;

import java.security.SecureRandom;

/** Hashes values that may be secret, such as those of cookies, with a random number that this process keeps. */
final class Salt {
    private final long seed = new SecureRandom().nextLong();

    /** 64 bits of a value; equal values have equal hashes. */
    long hash(String value) {
        long hash = seed;
        for (int i = 0; i < value.length(); i++) {
            hash = (hash ^ value.charAt(i)) * 0x100000001B3L;
            hash ^= hash >>> 29;
        }
        hash *= 0xBF58476D1CE4E5B9L;
        return hash ^ (hash >>> 32);
    }
}
