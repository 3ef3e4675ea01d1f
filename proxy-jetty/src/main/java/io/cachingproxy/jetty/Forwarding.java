package io.cachingproxy.jetty;

import io.cachingproxy.http.FieldValues;
import io.cachingproxy.http.Headers;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the origin is told of those who asked before: X-Forwarded-For and X-Forwarded-Proto always, and what a trusted
 * peer says in these, in X-Forwarded-Host and in Forwarded (RFC 7239).
 *
 * <p>None of it is part of the cache key, so a response that depends on it must not reach those for whom it would be
 * another one. The address of a client is for each its own: a response that names it in Vary is reused for nobody. The
 * scheme and the host that trusted peers say select among variants, whether the origin says so or not, for many origins
 * redirect and link by them and do not say so. The Host of a client that is not trusted is told to nobody: it would be a
 * way to put a host into what others get.
 */
final class Forwarding {
    static final String FOR = "X-Forwarded-For";
    static final String PROTO = "X-Forwarded-Proto";
    static final String HOST = "X-Forwarded-Host";
    static final String FORWARDED = "Forwarded";
    private static final Set<String> ALL =
            Set.of("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded");

    private final @Nullable AddressRanges trusted;
    private final String scheme;

    /**
     * What is told of the clients of one listener.
     *
     * @param trusted whose words are passed on; null: nobody's
     * @param scheme of the listener
     */
    Forwarding(@Nullable AddressRanges trusted, String scheme) {
        this.trusted = trusted;
        this.scheme = scheme;
    }

    /** The headers as the cache is to see them: without the words of those who are not trusted. */
    Headers heard(Supplier<SocketAddress> peer, Headers headers) {
        AddressRanges ranges = trusted;
        if (ranges == null) {
            return headers; // everybody's words are dropped on the way to the origin, so that they select nothing
        }
        if (!ranges.contains(peer.get())) {
            return headers.without(ALL);
        }
        return headers.contains(FORWARDED) ? selecting(HOST, "host", selecting(PROTO, "proto", headers)) : headers;
    }

    /** Says in one field, by which responses are selected, what the first member of Forwarded that has it says. */
    private static Headers selecting(String field, String parameter, Headers headers) {
        String start = parameter + "=";
        for (String hop : headers.list(FORWARDED)) {
            for (String pair : FieldValues.split(hop, ';')) {
                if (pair.toLowerCase(Locale.ROOT).startsWith(start)) {
                    String value = pair.substring(start.length()).strip();
                    String content = FieldValues.unquote(value);
                    return headers.with(field, content == null ? value : content);
                }
            }
        }
        return headers;
    }

    /** What a request to the origin says on behalf of {@code peer}, whose headers these are, as {@link #heard}. */
    Told told(SocketAddress peer, Headers heard) {
        String address = address(peer);
        AddressRanges ranges = trusted;
        if (ranges == null) {
            return new Told(Headers.of(FOR, address, PROTO, scheme), false);
        }
        String proto = heard.combined(PROTO);
        Headers told = Headers.of(FOR, extended(heard.combined(FOR), address), PROTO, proto == null ? scheme : proto);
        String host = heard.combined(HOST);
        Headers more = host == null ? told : told.plus(HOST, host);
        String forwarded = heard.combined(FORWARDED);
        return new Told(
                forwarded == null ? more : more.plus(FORWARDED, extended(forwarded, "for=" + node(peer))), true);
    }

    private static String extended(@Nullable String list, String member) {
        return list == null ? member : list + ", " + member;
    }

    private static String address(SocketAddress peer) {
        InetAddress address = peer instanceof InetSocketAddress internet ? internet.getAddress() : null;
        if (address == null) {
            return "unknown"; // RFC 7239 §6.2
        }
        String text = address.getHostAddress();
        int scope = text.indexOf('%');
        return scope < 0 ? text : text.substring(0, scope);
    }

    /** RFC 7239 §6. */
    private static String node(SocketAddress peer) {
        boolean v6 = peer instanceof InetSocketAddress internet && internet.getAddress() instanceof Inet6Address;
        return v6 ? "\"[" + address(peer) + "]\"" : address(peer);
    }

    /**
     * What one request to the origin says.
     *
     * @param fields to be added to those of the request
     * @param byPeers whether a trusted peer may have said the scheme and the host
     */
    record Told(Headers fields, boolean byPeers) {
        static final Told NOTHING = new Told(Headers.EMPTY, false);

        /** The headers of the response, with what they depend on. */
        Headers selected(Headers response) {
            if (fields.isEmpty()) {
                return response;
            }
            Headers varied = byPeers ? response.plus("Vary", PROTO + ", " + HOST) : response;
            boolean byClient = response.list("Vary").stream()
                    .anyMatch(name -> name.equalsIgnoreCase(FOR) || name.equalsIgnoreCase(FORWARDED));
            return byClient ? varied.plus("Vary", "*") : varied; // RFC 9110 §12.5.5: the client's network address
        }
    }
}
