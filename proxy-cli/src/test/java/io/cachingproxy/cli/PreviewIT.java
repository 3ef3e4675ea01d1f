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

            assertThat(ended.out()).startsWith("recorded"); // the proxy has no file to compare with

            Files.writeString(file, "rules: [{name: page, match: {path: /page}, tll: 60s}]\norigin: " + origin.uri());
            RunningProxy.Ended refused = RunningProxy.run("preview", file.toString(), "--admin", admin);
            assertThat(refused.exitCode()).isEqualTo(2);
            assertThat(refused.err()).contains("unknown key `tll`; did you mean `ttl`?");
            assertThat(refused.err().lines()).hasSize(1);
        }
    }

    @Test
    void the_command_prints_how_a_file_differs_from_the_one_in_use() throws Exception {
        try (TestOrigin origin = TestOrigin.start()) {
            String text = "origins: {app: {servers: [" + origin.uri() + "]}}\n"
                    + "rules: [{name: page, match: {path: /page}, ttl: 60s}]\n";
            Path used = folder.resolve("used.yaml");
            Files.writeString(used, text);
            try (RunningProxy proxy = RunningProxy.startWithConfig(used)) {
                String admin = proxy.adminUri("").toString();
                Path file = folder.resolve("new.yaml");
                Files.writeString(file, text + "# a comment is no difference\n");
                assertThat(RunningProxy.run("preview", file.toString(), "--admin", admin)
                                .out())
                        .startsWith("file        as the one in use\n");
                Files.writeString(file, text.replace("60s", "5m"));
                assertThat(RunningProxy.run("preview", file.toString(), "--admin", admin)
                                .out())
                        .startsWith("""
                                file        1 line added, 1 removed
                                --- running
                                +++ new
                                @@ -6,4 +6,4 @@
                                   - name: page
                                     match:
                                       path: /page
                                -    ttl: 60s
                                +    ttl: 5m
                                recorded""");
                assertThat(RunningProxy.run("preview", file.toString(), "--admin", admin, "--json")
                                .out())
                        .contains("\"-    ttl: 60s\",\"+    ttl: 5m\"],\"complete\":true}");
            }
        }
    }
}
