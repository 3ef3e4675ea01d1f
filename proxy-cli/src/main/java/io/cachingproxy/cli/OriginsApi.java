package io.cachingproxy.cli;

import io.cachingproxy.origin.balance.ServerPool;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The admin API of origins: reports the state of their servers, and drains servers. */
final class OriginsApi {
    static final String PATH = "/api/origins";

    private static final Pattern SERVER = Pattern.compile(PATH + "/([^/]+)/servers/(\\d{1,4})/(drain|ready)");

    private final Supplier<Map<String, ServerPool>> origins;

    /** @param origins the server pools by origin name */
    OriginsApi(Supplier<Map<String, ServerPool>> origins) {
        this.origins = origins;
    }

    /** All origins as JSON. */
    String list() {
        return Json.of(origins.get().entrySet().stream()
                .map(origin -> origin(origin.getKey(), origin.getValue()))
                .toList());
    }

    private static Map<String, Object> origin(String name, ServerPool pool) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", name);
        json.put("servers", pool.states().stream().map(OriginsApi::server).toList());
        return json;
    }

    private static Map<String, Object> server(ServerPool.State server) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("url", server.url());
        json.put("backup", server.backup());
        json.put("state", state(server));
        json.put("requests", server.underWay());
        return json;
    }

    private static String state(ServerPool.State server) {
        if (server.draining()) {
            return "draining";
        }
        return server.down() ? "down" : server.ejected() ? "ejected" : "available";
    }

    /**
     * Drains a server, or ends draining, by the path of the request. Returns the origin as JSON; empty if there is no
     * such server.
     */
    Optional<String> change(String path) {
        Matcher parts = SERVER.matcher(path);
        ServerPool pool = parts.matches() ? origins.get().get(parts.group(1)) : null;
        if (pool == null) {
            return Optional.empty();
        }
        int index = Integer.parseInt(parts.group(2));
        if (index >= pool.settings().servers().size()) {
            return Optional.empty();
        }
        pool.drain(index, parts.group(3).equals("drain"));
        return Optional.of(Json.of(List.of(origin(parts.group(1), pool))));
    }
}
