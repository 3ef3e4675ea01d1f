package io.cachingproxy.cli;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks the host name of the origin up once in the background at start, to warn of a name that DNS does not resolve. */
record OriginLookup(URI origin) implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(OriginLookup.class);

    /** Starts the lookup in a separate thread, without waiting for the result. */
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
