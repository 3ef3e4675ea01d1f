package io.cachingproxy.jetty;

import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.Target;
import io.cachingproxy.http.fields.FieldClass;
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
 * What the origin is told about the client and the proxies in front: X-Forwarded-For and X-Forwarded-Proto always, and the
 * fields of proxies ({@link FieldClass}) that a trusted peer sends. Those of all other peers are dropped before the cache
 * sees the request, so that they neither select a variant nor reach the origin; and so are ambiguous names, of any peer.
 *
 * <p>None of these fields is part of the cache key, so a response that depends on one must not reach a client for whom it
 * would be another one:
 *
 * <ul>
 *   <li>Client addresses are passed on if they are addresses. They do not select: each client has its own. A response that
 *       names one in Vary is reused for nobody.
 *   <li>All other fields that trusted peers send select among variants, whether the origin says so or not, for many origins
 *       redirect and link by them and do not say so: scheme and host by their own fields, the others by {@link #DIGEST}.
 *   <li>The Host of a client that is not trusted is passed on in no field: it would be a way to put a host into responses
 *       for others.
 * </ul>
 */
final class Forwarding {
    static final String FOR = "X-Forwarded-For";
    static final String PROTO = "X-Forwarded-Proto";
    static final String HOST = "X-Forwarded-Host";
    static final String FORWARDED = "Forwarded";
    /** A request field that is made here, for the selection of variants only: a digest of the other fields of proxies. */
    static final String DIGEST = "X-Forwarded-Digest";

    private static final Set<String> KNOWN =
            Set.of("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded", "x-forwarded-digest");

    /** Addresses, ports, and commas between: no host name, no markup. */
    private static final Pattern ADDRESSES = Pattern.compile("[0-9A-Fa-f.:,\\[\\] ]+");

    private final @Nullable AddressRanges trusted;
    private final String scheme;
    private final boolean passAmbiguous;

    /**
     * What is told about the clients of one listener.
     *
     * @param trusted whose fields are passed on; null: nobody's
     * @param scheme of the listener
     * @param passAmbiguous whether names with {@code _} and the like are passed on, if they do not look like a proxy's
     */
    Forwarding(@Nullable AddressRanges trusted, String scheme, boolean passAmbiguous) {
        this.trusted = trusted;
        this.scheme = scheme;
        this.passAmbiguous = passAmbiguous;
    }

    /** The target of a request for this host and port; the usual port of the scheme is left out. */
    Target target(String host, int port, String pathAndQuery) {
        boolean usual = port <= 0 || port == usualPort();
        return target(usual ? host : host + ':' + port, pathAndQuery);
    }

    /** The same for the value of Host. */
    Target target(String host, String pathAndQuery) {
        String lower = host.toLowerCase(Locale.ROOT); // the same string if it is in lower case already
        String usual = usualPort() == 443 ? ":443" : ":80";
        String authority = lower.endsWith(usual) ? lower.substring(0, lower.length() - usual.length()) : lower;
        return new Target(scheme, authority, pathAndQuery);
    }

    private int usualPort() {
        return scheme.equals("https") ? 443 : 80;
    }

    /** The address of the client: of the peer, or the last one that trusted peers report and that is not their own. */
    @Nullable
    InetAddress client(SocketAddress peer, Headers heard) {
        InetAddress address = peer instanceof InetSocketAddress internet ? internet.getAddress() : null;
        AddressRanges ranges = trusted;
        if (ranges == null || !ranges.contains(peer)) {
            return address;
        }
        List<String> reported = heard.list(FOR);
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

    /** The headers as the cache is to see them: without the fields that are not passed on. */
    Headers heard(Supplier<SocketAddress> peer, Headers headers) {
        if (FieldClass.areOrdinary(headers)) {
            return headers;
        }
        AddressRanges ranges = trusted;
        boolean believed = ranges != null && ranges.contains(peer.get());
        Headers heard = headers.filter((name, value) -> isPassed(name, value, believed));
        return believed ? ProxyVariants.selecting(heard) : heard;
    }

    private boolean isPassed(String name, String value, boolean believed) {
        return switch (FieldClass.of(name)) {
            case ORDINARY -> true;
            case AMBIGUOUS -> passAmbiguous;
            case CLIENT_ADDRESS -> believed && ADDRESSES.matcher(value).matches();
            case PROXY -> believed && !name.equalsIgnoreCase(DIGEST);
            case DISGUISED -> false; // a trusted peer that sets the field lets another spelling of its client pass
        };
    }

    /** The fields of a request to the origin that report {@code peer}, whose headers these are, as {@link #heard}. */
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
        Headers all = forwarded == null ? more : more.plus(FORWARDED, extended(forwarded, "for=" + node(peer)));
        return new Told(all.plus(heard.filter((name, value) -> isOther(name))), true);
    }

    private static boolean isOther(String name) {
        return FieldClass.of(name).isOfProxies() && !isKnown(name);
    }

    /** Whether the field has a treatment of its own here. */
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
    record Told(Headers fields, boolean byPeers) implements AddedFields {
        @Override
        public Headers selected(Headers response) {
            if (fields.isEmpty()) {
                return response;
            }
            Headers varied = byPeers ? response.plus("Vary", PROTO + ", " + HOST + ", " + DIGEST) : response;
            return response.list("Vary").stream().anyMatch(this::isOfOneClient)
                    ? varied.plus("Vary", "*") // RFC 9110 §12.5.5: the client's network address
                    : varied;
        }

        private boolean isOfOneClient(String name) {
            return name.equalsIgnoreCase(FOR)
                    || name.equalsIgnoreCase(FORWARDED)
                    || (byPeers && FieldClass.of(name) == FieldClass.CLIENT_ADDRESS);
        }
    }
}
