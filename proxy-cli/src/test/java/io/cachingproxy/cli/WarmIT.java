package io.cachingproxy.cli;

import static io.cachingproxy.cli.Client.assertHit;
import static io.cachingproxy.cli.Client.get;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code warm} of the jar, on a running instance. */
class WarmIT {
    @TempDir
    private Path folder;

    @Test
    void the_pages_of_a_sitemap_are_hits_after_it_and_a_page_that_is_not_stored_has_its_reason() throws Exception {
        try (TestOrigin origin = TestOrigin.start();
                RunningProxy proxy = RunningProxy.start(origin.uri())) {
            String site = "http://localhost:" + proxy.port();
            origin.on("/a", "a", "Cache-Control", "max-age=60")
                    .on("/b", "b", "Cache-Control", "max-age=60")
                    .on("/private", "mine", "Cache-Control", "private")
                    .on(
                            "/sitemap.xml",
                            "<urlset><url><loc>%1$s/a</loc></url><url><loc>%1$s/b</loc></url></urlset>"
                                    .formatted(site));
            RunningProxy.Ended first = RunningProxy.run(
                    "warm", "--proxy", proxy.uri("").toString(), "--sitemap", site + "/sitemap.xml", site + "/private");
            assertThat(first.err()).isEmpty();
            assertThat(first.exitCode()).isZero();
            assertThat(first.out())
                    .contains("requested   3", "hits        0", "stored      2", "not stored  1 response-private");
            assertHit(get(proxy.localhostUri("/a")));
            assertHit(get(proxy.localhostUri("/b")));
            Path file = Files.writeString(folder.resolve("urls"), site + "/a\n" + site + "/b\n");
            RunningProxy.Ended second =
                    RunningProxy.run("warm", "--json", "--proxy", proxy.uri("").toString(), "--file", file.toString());
            assertThat(second.out()).contains("\"requested\":2,\"hits\":2,\"misses\":0");
        }
    }
}
