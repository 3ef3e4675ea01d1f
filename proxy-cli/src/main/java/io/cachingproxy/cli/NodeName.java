package io.cachingproxy.cli;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** The name of this instance among those that share a cache: the host name and the ports, such as {@code web1:8000}. */
final class NodeName {
    private static final String UNKNOWN = "localhost";

    private final CompletableFuture<String> host = CompletableFuture.supplyAsync(NodeName::host);
    private volatile List<Integer> ports = List.of();

    /** The host name; its lookup may block. */
    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return UNKNOWN;
        }
    }

    /** The listeners have these ports. */
    void listening(List<Integer> ports) {
        this.ports = List.copyOf(ports);
    }

    /** The name; without ports until the listeners have started. */
    @Override
    public String toString() {
        String name = host.getNow(UNKNOWN);
        return ports.isEmpty()
                ? name
                : name + ":" + ports.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
