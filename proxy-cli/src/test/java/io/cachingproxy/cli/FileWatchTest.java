package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileWatchTest {
    @TempDir
    private Path folder;

    private final AtomicInteger changes = new AtomicInteger();

    private FileWatch watch(Path file) {
        return new FileWatch(FileWatch.Seen.now(file), changes::incrementAndGet);
    }

    @Test
    void a_change_counts_once_when_two_checks_find_the_same_file() throws IOException {
        Path file = Files.writeString(folder.resolve("c.yaml"), "port: 1");
        try (FileWatch watch = watch(file)) {
            watch.run();
            Files.writeString(file, "port: 12");
            watch.run();
            assertThat(changes).hasValue(0);
            Files.writeString(file, "port: 123");
            watch.run();
            assertThat(changes).hasValue(0);
            watch.run();
            watch.run();
            assertThat(changes).hasValue(1);
        }
    }

    @Test
    void a_change_between_the_reading_at_the_start_and_the_first_check_counts() throws Exception {
        Path file = Files.writeString(folder.resolve("c.yaml"), "watch-config: true\norigin: http://127.0.0.1:1\n");
        Launch.Plan plan = Launch.ofFile(Map.of(), file, new PrintWriter(Writer.nullWriter()))
                .plan();
        Files.writeString(file, "watch-config: true\norigin: http://127.0.0.1:22\n");
        try (FileWatch watch = new FileWatch(plan.watched().orElseThrow(), changes::incrementAndGet)) {
            watch.run();
            assertThat(changes).hasValue(0);
            watch.run();
            watch.run();
            assertThat(changes).hasValue(1);
        }
    }

    @Test
    void a_file_that_is_gone_for_a_moment_changes_when_it_is_back() throws IOException {
        Path file = Files.writeString(folder.resolve("c.yaml"), "port: 1");
        try (FileWatch watch = watch(file)) {
            Files.delete(file);
            watch.run();
            watch.run();
            assertThat(changes).hasValue(0);
            Path next = Files.writeString(folder.resolve("next.yaml"), "port: 2");
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
            watch.run();
            watch.run();
            assertThat(changes).hasValue(1);
        }
    }

    @Test
    void a_link_with_a_new_target_is_a_change() throws IOException {
        Path first = Files.writeString(folder.resolve("1.yaml"), "port: 1");
        Path second = Files.writeString(folder.resolve("2.yaml"), "port: 2");
        Files.setLastModifiedTime(second, Files.getLastModifiedTime(first));
        Path link = Files.createSymbolicLink(folder.resolve("c.yaml"), first);
        try (FileWatch watch = watch(link)) {
            Files.delete(link);
            Files.createSymbolicLink(link, second);
            watch.run();
            watch.run();
            assertThat(changes).hasValue(1);
        }
    }
}
