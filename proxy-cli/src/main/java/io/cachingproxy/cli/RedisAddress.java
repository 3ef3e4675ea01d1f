package io.cachingproxy.cli;

import java.nio.file.Path;

/** The address of Redis, the shared store. {@link Object#toString} shows no password. */
sealed interface RedisAddress {
    String LOCAL = "redis://localhost:6379";

    /** The option that sets the address. */
    String option();

    /**
     * Parses and validates a URL.
     *
     * @throws IllegalArgumentException if the URL is not a Redis URL; the message is one line without a password
     */
    static Url parse(String url) {
        return new Url(url);
    }

    /**
     * A single Redis URL.
     *
     * @param url the URL as given, possibly with a password
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

    /** The address in a Redisson YAML file. */
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
