package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the guides say of the command line. */
class GuideTest {
    @Test
    void every_option_is_in_a_table_of_the_guides() throws IOException {
        List<String> rows = lines().filter(line -> line.startsWith("| `--")).toList();
        assertThat(CachingProxyCommand.commandLine(Map.of()).getCommandSpec().options())
                .allSatisfy(option -> assertThat(rows)
                        .as(option.longestName())
                        .anySatisfy(row -> assertThat(row).containsPattern("`" + option.longestName() + "[ `=\\[]")));
    }

    @Test
    void every_exit_code_is_in_the_guides() throws IOException {
        assertThat(lines()).contains("| " + OutOfMemoryWatch.EXIT_CODE + " | [out of memory](#memory) |");
        assertThat(lines()).anyMatch(line -> line.contains("usage, 3 out of memory"));
        assertThat(CommandLineRun.of("--help").out()).contains("3 out of memory");
    }

    private static Stream<String> lines() throws IOException {
        return Stream.concat(
                Files.readAllLines(Path.of("README.md")).stream(),
                Files.readAllLines(Path.of("..", "README.md")).stream());
    }
}
