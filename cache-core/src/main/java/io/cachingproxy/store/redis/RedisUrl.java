package io.cachingproxy.store.redis;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The address of a Redis server, cluster or sentinel setup, as a URL:
 *
 * <ul>
 *   <li>{@code redis://[[user]:password@]host[:port][/database]}: one server
 *   <li>{@code redis://[[user]:password@]host[:port],host[:port]…}: a cluster, named by at least two of its nodes; each
 *       may repeat the scheme
 *   <li>{@code redis-cluster://[[user]:password@]host[:port][,…]}: a cluster, named by at least one of its nodes
 *   <li>{@code redis-sentinel://[[user]:password@]host[:port][,…]/master[/database]}: the servers that these sentinels
 *       monitor; the sentinels' default port is 26379
 * </ul>
 *
 * <p>{@code rediss} in place of {@code redis} uses TLS and verifies the certificate and the host name; {@code valkey}
 * and {@code valkeys} are synonyms of {@code redis} and {@code rediss}. User and password are percent-decoded.
 *
 * @param addresses {@code host:port} each
 * @param master the name by which the sentinels know the master; only for {@link Topology#SENTINEL}
 */
public record RedisUrl(
        Topology topology,
        boolean tls,
        List<String> addresses,
        @Nullable String user,
        @Nullable String password,
        int database,
        @Nullable String master) {
    /** The topology of the servers. */
    public enum Topology {
        SINGLE,
        CLUSTER,
        SENTINEL
    }

    private static final Pattern FORM =
            Pattern.compile("(rediss?|valkeys?)(-cluster|-sentinel)?://(?:([^/]*)@)?([^/@]*)(/[^@]*)?");
    private static final Pattern ADDRESS = Pattern.compile("([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.%]+\\])(?::([0-9]{1,5}))?");

    /** The characters that Redis itself allows in the name. */
    private static final Pattern MASTER = Pattern.compile("[A-Za-z0-9._-]+");

    /**
     * Parses one of the forms above.
     *
     * @throws IllegalArgumentException if {@code url} is invalid; the message is one line and holds no password
     */
    public static RedisUrl parse(String url) {
        String scheme = scheme(url);
        Matcher form = FORM.matcher(url.strip().replace("," + scheme, ","));
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "not a Redis URL: redis://host:port is expected, or rediss://, redis-cluster:// or redis-sentinel://");
        }
        boolean tls = form.group(1).endsWith("ss") || form.group(1).equals("valkeys");
        Topology topology = topology(form.group(2));
        List<String> addresses = addresses(form.group(4), topology == Topology.SENTINEL ? 26379 : 6379);
        if (topology == Topology.SINGLE && addresses.size() > 1) {
            topology = Topology.CLUSTER;
        }
        String[] path = path(form.group(5), topology);
        String[] login = login(form.group(3));
        return new RedisUrl(
                topology,
                tls,
                addresses,
                login[0],
                login[1],
                database(path[1], topology),
                path[0].isEmpty() ? null : path[0]);
    }

    private static String scheme(String url) {
        int end = url.strip().indexOf("://");
        return end < 0 ? "://" : url.strip().substring(0, end + 3);
    }

    private static Topology topology(@Nullable String suffix) {
        if (suffix == null) {
            return Topology.SINGLE;
        }
        return suffix.equals("-cluster") ? Topology.CLUSTER : Topology.SENTINEL;
    }

    private static List<String> addresses(String list, int defaultPort) {
        List<String> addresses = new ArrayList<>();
        for (String part : list.split(",", -1)) {
            Matcher address = ADDRESS.matcher(part);
            if (!address.matches()) { // the invalid part may be a password without its @
                throw new IllegalArgumentException("host or host:port is expected in the Redis URL");
            }
            int port = address.group(2) == null ? defaultPort : Integer.parseInt(address.group(2));
            if (port < 1 || port > 65535) {
                throw new IllegalArgumentException(port + " is not a port in the Redis URL");
            }
            addresses.add(address.group(1) + ":" + port);
        }
        return List.copyOf(addresses);
    }

    /** The name of the master and the database, each empty if it is not given. */
    private static String[] path(@Nullable String path, Topology topology) {
        String bare = path == null ? "" : path.substring(1);
        if (topology != Topology.SENTINEL) {
            return new String[] {"", bare};
        }
        int slash = bare.indexOf('/');
        String master = slash < 0 ? bare : bare.substring(0, slash);
        if (!MASTER.matcher(master).matches()) {
            throw new IllegalArgumentException(
                    "a sentinel URL ends with the master's name, of letters, digits and . - _: …/mymaster");
        }
        return new String[] {master, slash < 0 ? "" : bare.substring(slash + 1)};
    }

    private static int database(String text, Topology topology) {
        if (text.isEmpty()) {
            return 0;
        }
        if (!text.matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException("what stands after the / in the Redis URL is not a database number");
        }
        int database = Integer.parseInt(text);
        if (topology == Topology.CLUSTER && database != 0) {
            throw new IllegalArgumentException("a Redis cluster has no database " + database + ", only 0");
        }
        return database;
    }

    private static @Nullable String[] login(@Nullable String userInfo) {
        if (userInfo == null) {
            return new @Nullable String[] {null, null};
        }
        int colon = userInfo.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("user and password are written user:password@ in the Redis URL");
        }
        String user = decoded(userInfo.substring(0, colon));
        return new @Nullable String[] {user.isEmpty() ? null : user, decoded(userInfo.substring(colon + 1))};
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("user or password in the Redis URL is not percent-encoded well");
        }
    }

    /** The URL without user and password. */
    @Override
    public String toString() {
        return (tls ? "rediss" : "redis")
                + (topology == Topology.SENTINEL ? "-sentinel" : "")
                + "://"
                + String.join(",", addresses)
                + (master == null ? "" : "/" + master)
                + (database == 0 ? "" : "/" + database);
    }
}
