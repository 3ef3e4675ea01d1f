package io.cachingproxy.cli;

import static io.cachingproxy.cli.Client.get;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code preview} against a running instance. */
class PreviewIT {
    @TempDir
    private Path folder;

    @Test
    void the_command_prints_what_a_new_rule_would_do_and_applies_nothing() throws Exception {
        try (TestOrigin origin = TestOrigin.start();
                RunningProxy proxy = RunningProxy.start(origin.uri(), "--admin-port", "0")) {
            origin.on("/page", "text", "Cache-Control", "no-cache");
            for (int i = 0; i < 4; i++) {
                get(proxy.uri("/page"));
            }
            String admin = proxy.adminUri("").toString();
            Path file = folder.resolve("new.yaml");
            Files.writeString(file, "rules: [{name: page, match: {path: /page}, ttl: 60s}]\norigin: " + origin.uri());
            RunningProxy.Ended ended = RunningProxy.run("preview", file.toString(), "--admin", admin);
            long begin = System.nanoTime();
            while (!ended.out().contains("recorded    4 requests, 100.0 % of the paths")) { // reported after the answer
                assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(30));
                ended = RunningProxy.run("preview", file.toString(), "--admin", admin);
            }
            assertThat(ended.exitCode()).as(ended.err()).isZero();
            assertThat(ended.out())
                    .containsPattern("before +0\\.0 % of requests")
                    .containsPattern("after +75\\.0 % of requests, 75\\.0 % of bytes are hits: 3 hit, 1 miss");
            assertThat(RunningProxy.run("preview", file.toString(), "--admin", admin, "--json")
                            .out())
                    .startsWith("{\"valid\":true,");

            Files.writeString(file, "rules: [{name: page, match: {path: /page}, tll: 60s}]\norigin: " + origin.uri());
            RunningProxy.Ended refused = RunningProxy.run("preview", file.toString(), "--admin", admin);
            assertThat(refused.exitCode()).isEqualTo(2);
            assertThat(refused.err()).contains("unknown key `tll`; did you mean `ttl`?");
            assertThat(refused.err().lines()).hasSize(1);
        }
    }
}
