package io.cachingproxy.origin;

/** The way requests go to one origin, in some version of HTTP. */
interface Transport {
    /** Sends a request and pushes what comes back into its exchange, which ends, whatever fails. Does not throw. */
    void send(Fetch fetch);
}
