package io.cachingproxy.testkit;

import java.time.Duration;

/** Something that clients connect to. */
public interface Front extends AutoCloseable {
    int port();

    /** What clients of this one wait at most for the origin, where a test makes it silent. */
    Duration IMPATIENT = Duration.ofMillis(600);

    default RawClient connect() {
        return RawClient.to(port());
    }

    /** One GET on a connection of its own. */
    default Reply get(String target, String... headerLines) {
        return ask("GET", target, headerLines);
    }

    /** One request without a body, on a connection of its own. */
    default Reply ask(String method, String target, String... headerLines) {
        return RawClient.ask(port(), RawClient.request(method, target, headerLines));
    }

    @Override
    void close();
}
