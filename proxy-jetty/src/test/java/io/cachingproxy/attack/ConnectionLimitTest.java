package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.jetty.Limits;
import io.cachingproxy.jetty.ProxyServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Connections that nobody uses keep nobody out. */
class ConnectionLimitTest extends Attack {
    @Override
    ProxyServer.Builder configured(ProxyServer.Builder builder) {
        return builder.limits(Limits.DEFAULT.withConnections(50));
    }

    @Test
    void beyond_the_connection_limit_nobody_is_accepted_until_idle_connections_have_made_room() throws IOException {
        List<RawClient> idle = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            idle.add(attacker());
        }
        RawClient victim = attacker().send(get("/victim"));
        assertThat(victim.isAnswered()).isFalse();
        victim.patience(Duration.ofSeconds(30));
        assertThat(victim.response().body()).isEqualTo("GET /victim");
        assertThat(idle.get(0).untilClosed()).isEmpty();
    }
}
