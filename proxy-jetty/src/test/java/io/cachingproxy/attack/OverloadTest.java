package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.jetty.Limits;
import io.cachingproxy.jetty.ProxyServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** More than the origin can take is refused early, and what needs no origin is served all the same. */
class OverloadTest extends Attack {
    private final CountDownLatch released = new CountDownLatch(1);

    @Override
    ProxyServer.Builder configured(ProxyServer.Builder builder) {
        return builder.limits(Limits.DEFAULT.withOriginRequests(2, 3));
    }

    @Test
    void requests_beyond_the_queue_are_shed_with_503_and_retry_after_and_hits_are_not() throws IOException {
        victim("/kept");
        List<RawClient> waiting = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            origin.on("/" + i, (request, connection) -> {
                released.await();
                connection.send(RecordingOrigin.ok("late"));
            });
            waiting.add(attacker().send(get("/" + i)));
        }
        await().until(() -> waiting.stream().filter(RawClient::isAnswered).count() == 5);
        assertThat(victim("/kept").field("X-Cache")).isEqualTo("HIT");
        Message refused = victim("/another");
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.field("Retry-After")).isEqualTo("1");
        assertThat(refused.field("Cache-Control")).isEqualTo("no-store");
        released.countDown();
        List<Integer> statuses = new ArrayList<>();
        for (RawClient client : waiting) {
            statuses.add(client.response().status());
        }
        assertThat(statuses).containsOnly(200, 503);
        assertThat(statuses.stream().filter(status -> status == 200)).hasSize(5);
        assertThat(victim("/another").body()).isEqualTo("GET /another");
    }
}
