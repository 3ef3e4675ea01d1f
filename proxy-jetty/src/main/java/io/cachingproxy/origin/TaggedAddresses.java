package io.cachingproxy.origin;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;

/**
 * Connects requests of Jetty's client to the address in their tag, if they have one. Host, TLS server name and
 * verification of the certificate remain those of the URL.
 */
final class TaggedAddresses implements SocketAddressResolver {
    private static final long RESOLUTION_MILLIS = 15_000;

    private final HttpClient client;

    TaggedAddresses(HttpClient client) {
        this.client = client;
    }

    @Override
    public void resolve(String host, int port, Map<String, Object> context, Promise<List<InetSocketAddress>> promise) {
        if (context.get(Destination.CONTEXT_KEY) instanceof Destination to
                && to.getOrigin().getTag() instanceof InetAddress address) {
            try {
                InetAddress named = InetAddress.getByAddress(host, address.getAddress());
                promise.succeeded(List.of(new InetSocketAddress(named, port)));
            } catch (UnknownHostException impossible) {
                promise.failed(impossible);
            }
            return;
        }
        new SocketAddressResolver.Async(client.getExecutor(), client.getScheduler(), RESOLUTION_MILLIS)
                .resolve(host, port, context, promise);
    }
}
