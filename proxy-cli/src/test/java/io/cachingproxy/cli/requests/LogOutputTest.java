package io.cachingproxy.cli.requests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of the access log. */
class LogOutputTest {
    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("access.log");
    }

    private static byte[] line(String text) {
        return (text + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void a_file_at_its_limit_is_renamed_and_the_oldest_is_removed() throws IOException {
        try (LogOutput output = new LogOutput(file, 10)) {
            for (int i = 0; i < 20; i++) {
                output.write(line("line" + i));
            }
        }
        assertThat(file).hasContent("line19");
        for (int i = 1; i <= LogOutput.KEPT; i++) {
            assertThat(folder.resolve("access.log." + i)).hasContent("line" + (19 - i));
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).hasSize(LogOutput.KEPT + 1);
        }
    }

    @Test
    void an_existing_file_is_continued() throws IOException {
        Files.writeString(file, "before\n");
        try (LogOutput output = new LogOutput(file, 1000)) {
            output.write(line("after"));
        }
        assertThat(Files.readAllLines(file)).isEqualTo(List.of("before", "after"));
    }

    @Test
    void a_renamed_file_is_continued_until_the_log_is_opened_again() throws IOException {
        Path renamed = folder.resolve("renamed");
        try (LogOutput output = new LogOutput(file, 1000)) {
            output.write(line("one"));
            Files.move(file, renamed);
            output.write(line("two"));
            output.reopen();
            output.write(line("three"));
        }
        assertThat(Files.readAllLines(renamed)).isEqualTo(List.of("one", "two"));
        assertThat(Files.readAllLines(file)).isEqualTo(List.of("three"));
    }
}
