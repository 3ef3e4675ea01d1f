package io.cachingproxy.cli;

import static io.cachingproxy.cli.Client.assertHit;
import static io.cachingproxy.cli.Client.assertMiss;
import static io.cachingproxy.cli.Client.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.cli.RunningProxy.Ended;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The command {@code purge} of the jar, on a running instance. */
class PurgeIT {
    private static TestOrigin origin;
    private static RunningProxy proxy;

    @BeforeAll
    static void start() throws IOException {
        origin = TestOrigin.start().on("/a", "a", "Surrogate-Key", "news").on("/b", "b", "Surrogate-Key", "other");
        proxy = RunningProxy.start(origin.uri(), "--purge-from", "127.0.0.1");
    }

    @BeforeEach
    void store() throws Exception {
        for (String path : new String[] {"/a", "/b"}) {
            get(proxy.uri(path));
            assertHit(get(proxy.uri(path)));
        }
    }

    @AfterAll
    static void stop() throws IOException {
        proxy.close();
        origin.close();
    }

    @Test
    void purges_a_tag_and_prints_the_receipt() throws Exception {
        Ended dry = purge("--tag", "news", "--dry-run");
        assertThat(dry.out().lines()).containsExactly("Would purge: tag news", "Entries: 1 (all)");
        assertHit(get(proxy.uri("/a")));
        Ended done = purge("--tag", "news");
        assertThat(done.err()).isEmpty();
        assertThat(done.exitCode()).isZero();
        assertThat(done.out().lines()).containsExactly("Purged: tag news", "Entries: 1 (all)");
        assertMiss(get(proxy.uri("/a")));
        assertHit(get(proxy.uri("/b")));
    }

    @Test
    void prints_the_receipt_as_json_if_asked() throws Exception {
        Ended done = purge("--url", "/b", "--prefix", "/x", "--json");
        assertThat(done.out())
                .startsWith("{\"purged\":[\"prefix /x\",\"url /b\"],\"soft\":false,")
                .contains("\"confirmed\":true");
        assertMiss(get(proxy.uri("/b")));
    }

    @Test
    void says_in_one_line_what_the_instance_refuses() throws Exception {
        Ended refused = purge("--url", "b");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err().lines())
                .containsExactly("caching-proxy: The instance answered 400 Nothing purged:"
                        + " url is a path, or a URL with one");
        assertHit(get(proxy.uri("/b")));
    }

    @Test
    void purges_a_tag_pattern_of_magento_at_the_port_of_the_proxy_and_no_other() throws Exception {
        assertThat(Client.send("PURGE", proxy.uri("/"), "", "X-Magento-Tags-Pattern", "((^|,)new.*(,|$))")
                        .statusCode())
                .isEqualTo(400);
        assertHit(get(proxy.uri("/a")));
        assertThat(Client.send("PURGE", proxy.uri("/"), "", "X-Magento-Tags-Pattern", "((^|,)news(,|$))")
                        .statusCode())
                .isEqualTo(204);
        assertMiss(get(proxy.uri("/a")));
        assertHit(get(proxy.uri("/b")));
    }

    private Ended purge(String... args) throws IOException, InterruptedException {
        String[] all = new String[args.length + 3];
        all[0] = "purge";
        all[1] = "--admin";
        all[2] = proxy.adminUri("").toString();
        System.arraycopy(args, 0, all, 3, args.length);
        return RunningProxy.run(all);
    }
}
