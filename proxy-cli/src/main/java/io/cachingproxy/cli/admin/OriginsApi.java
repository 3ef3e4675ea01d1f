package io.cachingproxy.cli.admin;

import io.cachingproxy.origin.balance.ServerPool;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The admin API of origins: reports the state of their servers, and drains servers. */
public final class OriginsApi implements AdminRoutes.Group {
    private static final String PATH = "/api/origins";
    private static final String SERVER = PATH + "/{name}/servers/{n}/";

    private final Supplier<Map<String, ServerPool>> origins;

    /** @param origins the server pools by origin name */
    public OriginsApi(Supplier<Map<String, ServerPool>> origins) {
        this.origins = origins;
    }

    @Override
    public void addTo(AdminRoutes routes) {
        routes.get(PATH, exchange -> exchange.json(200, list()));
        routes.post(SERVER + "drain", exchange -> drain(exchange, true));
        routes.post(SERVER + "ready", exchange -> drain(exchange, false));
    }

    private List<Map<String, Object>> list() {
        return origins.get().entrySet().stream()
                .map(origin -> origin(origin.getKey(), origin.getValue()))
                .toList();
    }

    private void drain(AdminExchange exchange, boolean drained) {
        String name = exchange.parameter("name");
        String server = exchange.parameter("n");
        ServerPool pool = origins.get().get(name);
        int index = server.matches("\\d{1,4}") ? Integer.parseInt(server) : -1;
        if (pool == null || index < 0 || index >= pool.settings().servers().size()) {
            throw new AdminExchange.Refused(404, "Not found");
        }
        pool.drain(index, drained);
        exchange.json(200, List.of(origin(name, pool)));
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
        json.put("state", server.status().token());
        json.put("requests", server.underWay());
        if (!server.addresses().isEmpty()) {
            json.put(
                    "addresses",
                    server.addresses().stream().map(OriginsApi::address).toList());
        }
        return json;
    }

    private static Map<String, Object> address(ServerPool.AddressState address) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("address", address.address().getHostAddress());
        json.put("state", address.status().token());
        json.put("requests", address.underWay());
        return json;
    }
}
