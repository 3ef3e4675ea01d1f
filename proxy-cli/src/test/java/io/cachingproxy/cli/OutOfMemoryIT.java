package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process whose memory is used up says so in one line and ends, wherever in it that happens. */
class OutOfMemoryIT {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"thread", "pool", "direct", "logged", "redisson", "request"})
    void an_out_of_memory_error_is_one_line_and_3(String scene) throws Exception {
        Path tests = Path.of(OutOfMemoryScene.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path stderr = folder.resolve("stderr");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx32m",
                        "-XX:MaxDirectMemorySize=16m",
                        "-cp",
                        System.getProperty("caching-proxy.jar") + File.pathSeparator + tests,
                        OutOfMemoryScene.class.getName(),
                        scene)
                .redirectError(stderr.toFile())
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            List<String> lines = Files.readString(stderr, StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.contains("OutOfMemoryWatch"))
                    .toList();
            assertThat(process.exitValue()).as(Files.readString(stderr)).isEqualTo(OutOfMemoryWatch.EXIT_CODE);
            assertThat(lines).singleElement().asString().contains("out of memory");
        } finally {
            process.destroyForcibly();
        }
    }
}
