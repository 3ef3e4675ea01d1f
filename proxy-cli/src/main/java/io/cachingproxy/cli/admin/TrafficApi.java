package io.cachingproxy.cli.admin;

import io.cachingproxy.cli.metrics.History;
import io.cachingproxy.cli.metrics.ServerChanges;
import io.cachingproxy.cli.metrics.TopUrls;
import java.util.Arrays;
import java.util.Locale;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;

/** Reports the traffic of the last hours, the URLs with the most of it, and the last changes of origin servers. */
public final class TrafficApi implements AdminRoutes.Group {
    private static final int USUAL = 20;
    private static final int MOST = 200;

    private final History history;
    private final TopUrls top;
    private final ServerChanges servers;

    /**
     * @param history the last hours
     * @param top the URLs
     * @param servers the changes
     */
    public TrafficApi(History history, TopUrls top, ServerChanges servers) {
        this.history = history;
        this.top = top;
        this.servers = servers;
    }

    @Override
    public void addTo(AdminRoutes routes) {
        routes.get("/api/history", this::history);
        routes.get("/api/top", this::top);
        routes.get("/api/origins/changes", exchange -> exchange.json(200, servers.json()));
    }

    private void history(AdminExchange exchange) {
        int minutes = number(exchange.query(), "minutes", History.MINUTES, History.MINUTES);
        exchange.write(200, "application/json", history.json(minutes));
    }

    private void top(AdminExchange exchange) {
        Fields query = exchange.query();
        exchange.json(200, top.json(order(query.getValue("by")), number(query, "limit", USUAL, MOST)));
    }

    private static TopUrls.By order(@Nullable String name) {
        return Arrays.stream(TopUrls.By.values())
                .filter(by -> name == null || by.name().toLowerCase(Locale.ROOT).equals(name))
                .findFirst()
                .orElseThrow(() -> new AdminExchange.Refused(400, "by is hits, misses or bytes"));
    }

    private static int number(Fields query, String name, int usual, int most) {
        String text = query.getValue(name);
        int number = text == null ? usual : text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : 0;
        if (number < 1 || number > most) {
            throw new AdminExchange.Refused(400, name + " is between 1 and " + most);
        }
        return number;
    }
}
