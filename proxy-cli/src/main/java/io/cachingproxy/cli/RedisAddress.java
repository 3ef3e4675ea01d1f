package io.cachingproxy.cli;

import java.nio.file.Path;

/** Where the shared store is. As a string it shows no password. */
sealed interface RedisAddress {
    String LOCAL = "redis://localhost:6379";

    /** The option that says it. */
    String option();

    /**
     * A URL, checked.
     *
     * @throws IllegalArgumentException if the URL is none of a Redis; in one line, without a password
     */
    static Url parse(String url) {
        return new Url(url);
    }

    /**
     * In one line.
     *
     * @param url as given: it may carry a password
     */
    record Url(String url) implements RedisAddress {
        public Url {
            Stores.shown(url);
        }

        @Override
        public String option() {
            return "--redis";
        }

        @Override
        public String toString() {
            return Stores.shown(url);
        }
    }

    /** In a YAML file of Redisson's. */
    record ConfigFile(Path path) implements RedisAddress {
        @Override
        public String option() {
            return "--redis-config";
        }

        @Override
        public String toString() {
            return path.toString();
        }
    }
}
