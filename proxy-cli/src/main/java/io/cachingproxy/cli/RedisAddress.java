package io.cachingproxy.cli;

/**
 * Where the shared store is.
 *
 * @param url as given: it may carry a password, {@link #toString} does not
 * @param prefix what all keys begin with
 */
record RedisAddress(String url, String prefix) {
    static final String LOCAL = "redis://localhost:6379";

    static RedisAddress parse(String url) {
        return new RedisAddress(url.strip(), "");
    }

    RedisAddress withPrefix(String newPrefix) {
        return new RedisAddress(url, newPrefix);
    }

    /**
     * This address, which a store can be opened with.
     *
     * @throws IllegalArgumentException if not; in one line
     */
    RedisAddress checked() {
        Stores.check(this);
        return this;
    }

    /** The URL without user, password and query. A list with several users is cut down to what follows the last. */
    @Override
    public String toString() {
        String scheme = url.substring(0, url.indexOf("://") + 3);
        String rest = url.substring(Math.max(scheme.length(), url.lastIndexOf('@') + 1));
        return scheme + rest.replaceAll("[?#].*", "");
    }
}
