package io.cachingproxy.jetty.front;

import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.Target;
import io.cachingproxy.http.fields.FieldClass;
import io.cachingproxy.jetty.debug.CacheDebug;
import io.cachingproxy.origin.AddedFields;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Request fields about the client and the proxies in front: X-Forwarded-For and X-Forwarded-Proto always, and the proxy
 * fields ({@link FieldClass}) of trusted peers. Proxy fields of all other peers, and ambiguous names of any peer, are
 * dropped before the request reaches the cache, so they neither select a variant nor reach the origin.
 *
 * <p>None of these fields is part of the cache key, so a response that depends on one must not be reused for clients
 * with another value:
 *
 * <ul>
 *   <li>Client addresses are forwarded if well-formed. Client addresses do not select a variant, since each client has
 *       its own. A response that names such a field in Vary is never reused.
 *   <li>All other proxy fields of trusted peers select variants, even without Vary, because many origins build
 *       redirects and links from these fields without Vary: scheme and host by their own fields, the others by {@link
 *       #DIGEST}.
 *   <li>The Host of an untrusted client is not forwarded in any field, because a forged host would reach the responses
 *       of other clients.
 * </ul>
 */
public final class Forwarding {
    static final String FOR = "X-Forwarded-For";
    static final String PROTO = "X-Forwarded-Proto";
    static final String HOST = "X-Forwarded-Host";
    static final String FORWARDED = "Forwarded";
    /** Internal request field that only selects variants: a digest of the other proxy fields. */
    static final String DIGEST = "X-Forwarded-Digest";

    private static final Set<String> KNOWN =
            Set.of("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded", "x-forwarded-digest");

    /** Addresses, ports, and commas between: no host name, no markup. */
    private static final Pattern ADDRESSES = Pattern.compile("[0-9A-Fa-f.:,\\[\\] ]+");

    private final @Nullable AddressRanges trusted;
    private final String scheme;
    private final boolean passAmbiguous;

    /**
     * Forwarding for the clients of one listener.
     *
     * @param trusted addresses of trusted peers; null: none
     * @param scheme the scheme of the listener
     * @param passAmbiguous whether fields with {@code _} or a similar character in their name are forwarded, unless the
     *     name resembles a proxy field
     */
    public Forwarding(@Nullable AddressRanges trusted, String scheme, boolean passAmbiguous) {
        this.trusted = trusted;
        this.scheme = scheme;
        this.passAmbiguous = passAmbiguous;
    }

    /** The target of a request for this host and port, without the default port of the scheme. */
    public Target target(String host, int port, String pathAndQuery) {
        boolean usual = port <= 0 || port == usualPort();
        return target(usual ? host : host + ':' + port, pathAndQuery);
    }

    /** The target of a request with this value of Host. */
    public Target target(String host, String pathAndQuery) {
        String lower = host.toLowerCase(Locale.ROOT); // the same string if it is in lower case already
        String usual = usualPort() == 443 ? ":443" : ":80";
        String authority = lower.endsWith(usual) ? lower.substring(0, lower.length() - usual.length()) : lower;
        return new Target(scheme, authority, pathAndQuery);
    }

    private int usualPort() {
        return scheme.equals("https") ? 443 : 80;
    }

    /** The client address: the peer's, or the last reported address that is not that of a trusted peer. */
    public @Nullable InetAddress client(SocketAddress peer, Headers accepted) {
        InetAddress address = peer instanceof InetSocketAddress internet ? internet.getAddress() : null;
        AddressRanges ranges = trusted;
        if (ranges == null || !ranges.contains(peer)) {
            return address;
        }
        List<String> reported = accepted.list(FOR);
        for (int i = reported.size() - 1; i >= 0; i--) {
            InetAddress hop = AddressRanges.literal(reported.get(i));
            if (hop == null) {
                return address;
            }
            address = hop;
            if (!ranges.contains(new InetSocketAddress(hop, 0))) {
                return address;
            }
        }
        return address;
    }

    /** The request headers for the cache, without the fields that are not forwarded. */
    public Headers accepted(Supplier<SocketAddress> peer, Headers received) {
        Headers headers = received.without(CacheDebug.NAME); // the same object if there is none
        if (FieldClass.areOrdinary(headers)) {
            return headers;
        }
        AddressRanges ranges = trusted;
        boolean believed = ranges != null && ranges.contains(peer.get());
        Headers accepted = headers.filter((name, value) -> isPassed(name, value, believed));
        return believed ? ProxyVariants.selecting(accepted) : accepted;
    }

    private boolean isPassed(String name, String value, boolean believed) {
        return switch (FieldClass.of(name)) {
            case ORDINARY -> true;
            case AMBIGUOUS -> passAmbiguous;
            case CLIENT_ADDRESS -> believed && ADDRESSES.matcher(value).matches();
            case PROXY -> believed && !name.equalsIgnoreCase(DIGEST);
            case DISGUISED -> false; // a client can send it through a trusted peer that sets only the proper spelling
        };
    }

    /** The fields that report {@code peer} to the origin, for its request headers after {@link #accepted}. */
    public Added added(SocketAddress peer, Headers accepted) {
        String address = address(peer);
        AddressRanges ranges = trusted;
        if (ranges == null) {
            return new Added(Headers.of(FOR, address, PROTO, scheme), false);
        }
        String proto = accepted.combined(PROTO);
        Headers added =
                Headers.of(FOR, extended(accepted.combined(FOR), address), PROTO, proto == null ? scheme : proto);
        String host = accepted.combined(HOST);
        Headers more = host == null ? added : added.plus(HOST, host);
        String forwarded = accepted.combined(FORWARDED);
        Headers all = forwarded == null ? more : more.plus(FORWARDED, extended(forwarded, "for=" + node(peer)));
        return new Added(all.plus(accepted.filter((name, value) -> isOther(name))), true);
    }

    private static boolean isOther(String name) {
        return FieldClass.of(name).isOfProxies() && !isKnown(name);
    }

    /** Whether this class treats the field specially. */
    static boolean isKnown(String name) {
        return KNOWN.contains(name.toLowerCase(Locale.ROOT));
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

    /** The node identifier of a peer (RFC 7239 §6). */
    private static String node(SocketAddress peer) {
        boolean v6 = peer instanceof InetSocketAddress internet && internet.getAddress() instanceof Inet6Address;
        return v6 ? "\"[" + address(peer) + "]\"" : address(peer);
    }

    /**
     * The added fields of one request to the origin.
     *
     * @param fields the fields to add to the request
     * @param byPeers whether a trusted peer may have reported the scheme and the host
     */
    public record Added(Headers fields, boolean byPeers) implements AddedFields {
        @Override
        public Headers selected(Headers response) {
            if (fields.isEmpty()) {
                return response;
            }
            Headers varied = byPeers ? response.plus("Vary", PROTO + ", " + HOST + ", " + DIGEST) : response;
            for (String name : response.list("Vary")) {
                if (isOfOneClient(name)) {
                    return varied.plus("Vary", "*"); // RFC 9110 §12.5.5: the client's network address
                }
            }
            return varied;
        }

        private boolean isOfOneClient(String name) {
            return name.equalsIgnoreCase(FOR)
                    || name.equalsIgnoreCase(FORWARDED)
                    || (byPeers && FieldClass.of(name) == FieldClass.CLIENT_ADDRESS);
        }
    }
}
