package io.cachingproxy.cli;

import static io.cachingproxy.cli.Client.assertHit;
import static io.cachingproxy.cli.Client.assertMiss;
import static io.cachingproxy.cli.Client.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packages of the profile dist, unpacked and installed. */
@Tag("dist")
class DistributionIT {
    private static final Path PACKAGES =
            Path.of(System.getProperty("caching-proxy.jar")).resolveSibling("dist");

    /** Prints what a service sends to its service manager, a datagram in a line, and closes what comes with it. */
    private static final String RECEIVER = """
            import array, os, socket, sys
            manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            manager.bind(sys.argv[1])
            print('bound', flush=True)
            while True:
                text, more, _, _ = manager.recvmsg(4096, 4096)
                for level, kind, data in more:
                    if kind == socket.SCM_RIGHTS:
                        for fd in array.array('i', data[:len(data) // 4 * 4]):
                            os.close(fd)
                print(text.decode().replace('\\n', ' '), flush=True)
            """;

    @TempDir
    private Path folder;

    private static Path only(String suffix) throws IOException {
        try (Stream<Path> files = Files.list(PACKAGES)) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", List.of(command), out).isZero();
        return out;
    }

    /** Starts the launcher with its cache in the folder. */
    private ProcessBuilder launcher(String launcher, String... arguments) {
        ProcessBuilder builder = new ProcessBuilder(
                Stream.concat(Stream.of(launcher), Stream.of(arguments)).toList());
        builder.environment().keySet().removeIf(name -> name.startsWith("CACHING_PROXY_") || name.startsWith("JAVA"));
        builder.environment().put("PATH", "/usr/bin:/bin");
        builder.environment().put("CACHE_DIRECTORY", folder.toString());
        return builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    }

    private static void stop(Process process) throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(143);
    }

    @Test
    void the_archive_starts_where_it_is_unpacked_and_keeps_a_class_archive_for_the_next_start() throws Exception {
        run("tar", "-C", folder.toString(), "-xzf", only(".tar.gz").toString());
        String launcher;
        try (Stream<Path> unpacked = Files.list(folder)) {
            launcher = unpacked.findFirst()
                    .orElseThrow()
                    .resolve("bin/caching-proxy")
                    .toString();
        }
        try (TestOrigin origin = TestOrigin.start()) {
            origin.on("/a", "a", "Cache-Control", "max-age=60");
            for (int start = 0; start < 2; start++) {
                Process process = launcher(
                                launcher,
                                "--port",
                                "0",
                                "--no-admin",
                                "--origin",
                                origin.uri().toString())
                        .start();
                String line = process.inputReader().readLine();
                URI url = URI.create(line.replaceFirst(".* listening on (\\S+) .*", "$1/a"));
                assertMiss(get(url));
                assertHit(get(url));
                stop(process);
                try (Stream<Path> archives = Files.list(folder.resolve("caching-proxy"))) {
                    assertThat(archives).singleElement().asString().endsWith(".jsa");
                }
            }
        }
    }

    @Test
    void the_package_is_installed_checked_started_as_a_service_and_removed() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/dpkg"))
                && System.getProperty("user.name").equals("root"));
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/systemd-notify")));
        run("dpkg", "-i", only(".deb").toString());
        try {
            String configuration = "/etc/caching-proxy/caching-proxy.yaml";
            assertThat(run("caching-proxy", "check", configuration)).contains(": no errors", "origin app: ");
            assertThat(run("getent", "passwd", "caching-proxy")).contains("/usr/sbin/nologin");
            Path socket = folder.resolve("notify");
            Process manager = new ProcessBuilder("python3", "-c", RECEIVER, socket.toString()).start();
            try (BufferedReader received = manager.inputReader()) {
                assertThat(received.readLine()).isEqualTo("bound");
                ProcessBuilder service =
                        launcher("caching-proxy", "--config", configuration, "--port", "0", "--admin-port", "0");
                service.environment().put("NOTIFY_SOCKET", socket.toString());
                Process process =
                        service.redirectOutput(folder.resolve("out").toFile()).start();
                assertThat(received.readLine()).startsWith("READY=1 STATUS=caching-proxy ");
                String admin =
                        Files.readString(folder.resolve("out")).strip().replaceFirst(".* admin on (\\S+)$", "$1");
                assertThat(get(URI.create("http://" + admin + "/health/ready")).statusCode())
                        .isEqualTo(200);
                stop(process);
                await().atMost(Duration.ofSeconds(10))
                        .until(() -> received.readLine().equals("STOPPING=1"));
            } finally {
                manager.destroy();
            }
        } finally {
            run("dpkg", "-P", "caching-proxy");
        }
        assertThat(Path.of("/usr/bin/caching-proxy")).doesNotExist();
        assertThat(Path.of("/etc/caching-proxy")).doesNotExist();
    }

    @Test
    void the_unit_has_the_launcher_and_the_configuration_of_the_package() throws Exception {
        String content = run("dpkg-deb", "-c", only(".deb").toString());
        String unit = Files.readString(Path.of("src/dist/systemd/caching-proxy.service"));
        assertThat(unit).contains("ExecStart=/usr/bin/caching-proxy --config /etc/caching-proxy/caching-proxy.yaml");
        assertThat(content)
                .contains(
                        " ./usr/bin/caching-proxy",
                        " ./etc/caching-proxy/caching-proxy.yaml",
                        " ./lib/systemd/system/caching-proxy.service",
                        " ./usr/share/bash-completion/completions/caching-proxy",
                        " ./usr/share/doc/caching-proxy/grafana/caching-proxy.json");
        assertThat(run("tar", "-tzf", only(".tar.gz").toString())).contains("/grafana/caching-proxy.json");
    }
}
