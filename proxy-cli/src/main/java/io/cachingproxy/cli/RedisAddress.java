package io.cachingproxy.cli;

/**
 * Where the shared store is.
 *
 * @param url as given: it may carry a password, {@link #toString} does not
 * @param prefix what all keys begin with
 */
record RedisAddress(String url, String prefix) {
    static final String LOCAL = "redis://localhost:6379";

    /** @throws IllegalArgumentException if the URL is none of a Redis; in one line, without a password */
    RedisAddress {
        Stores.shown(url);
    }

    static RedisAddress parse(String url) {
        return new RedisAddress(url, "cp");
    }

    /** @throws IllegalArgumentException if no key can begin with this */
    RedisAddress withPrefix(String newPrefix) {
        Stores.checkPrefix(newPrefix);
        return new RedisAddress(url, newPrefix);
    }

    @Override
    public String toString() {
        return Stores.shown(url);
    }
}
