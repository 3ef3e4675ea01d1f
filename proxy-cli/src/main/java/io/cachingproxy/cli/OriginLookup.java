package io.cachingproxy.cli;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks the origin's name up once at start, beside it, to warn of a name that DNS does not know. */
record OriginLookup(URI origin) implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(OriginLookup.class);

    /** Begins to look it up; nothing waits for the answer. */
    void begin() {
        Thread thread = new Thread(this, "lookup");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        try {
            InetAddress.getByName(origin.getHost());
        } catch (UnknownHostException unknown) {
            LOG.warn(
                    "The host name of the origin {} is unknown (DNS): requests are answered with 502 until it is known",
                    origin);
        }
    }
}
