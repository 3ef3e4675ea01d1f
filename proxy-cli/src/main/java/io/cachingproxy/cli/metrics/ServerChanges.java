package io.cachingproxy.cli.metrics;

import io.cachingproxy.origin.balance.ServerPool;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The last changes of the state of origin servers, at most {@value #KEPT}. A state that lasts for less than a second can
 * be missed.
 */
public final class ServerChanges {
    private static final int KEPT = 200;

    private final InstantSource clock;
    private final Deque<Change> changes = new ArrayDeque<>();
    private Map<Server, String> before = Map.of();

    private record Server(String origin, int number, String url) {}

    private record Change(Instant time, Server server, String from, String to) {
        private Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("time", time.toString());
            json.put("origin", server.origin);
            json.put("url", server.url);
            json.put("from", from);
            json.put("to", to);
            return json;
        }
    }

    /** @param clock the clock of the changes */
    public ServerChanges(InstantSource clock) {
        this.clock = clock;
    }

    /** Compares the states with those of the last call. A server that is new has no change. */
    synchronized void sample(Map<String, ServerPool> origins) {
        Map<Server, String> now = new HashMap<>();
        origins.forEach((name, pool) -> {
            List<ServerPool.State> states = pool.states();
            for (int i = 0; i < states.size(); i++) {
                ServerPool.State state = states.get(i);
                now.put(
                        new Server(name, i, state.url().toString()),
                        state.status().token());
            }
        });
        now.forEach((server, state) -> {
            String earlier = before.get(server);
            if (earlier != null && !earlier.equals(state)) {
                changes.addFirst(new Change(clock.instant(), server, earlier, state));
            }
        });
        while (changes.size() > KEPT) {
            changes.removeLast();
        }
        before = now;
    }

    /** The changes as JSON, the newest first. */
    public synchronized List<Map<String, Object>> json() {
        return changes.stream().map(Change::json).toList();
    }
}
