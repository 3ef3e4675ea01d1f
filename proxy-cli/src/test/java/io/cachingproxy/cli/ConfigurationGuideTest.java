package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.cli.config.Keys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the guide says of the configuration file. */
class ConfigurationGuideTest {
    @TempDir
    private Path folder;

    @Test
    void the_example_has_no_errors_and_its_tests_pass() throws IOException {
        Path file = Files.writeString(folder.resolve("caching-proxy.yaml"), example());
        CommandLineRun run = CommandLineRun.of("check", file.toString());
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("no errors, 2 tests passed", "policy standard (default TTL 300s); 6 rules");
        assertThat(run.exitCode()).isEqualTo(0);
    }

    @Test
    void the_example_of_the_first_page_has_no_errors() throws IOException {
        String page = Files.readString(Path.of("..", "README.md"));
        String example = page.split("```yaml\n", 2)[1].split("```", 2)[0];
        Path file = Files.writeString(folder.resolve("caching-proxy.yaml"), example);
        CommandLineRun run = CommandLineRun.of("check", file.toString());
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("no errors", "site shop.example.com", "3 rules");
        assertThat(run.exitCode()).isEqualTo(0);
    }

    @Test
    void the_errors_that_the_guide_shows_are_those_of_the_example_with_two_mistakes() throws IOException {
        String wrong = example().replaceFirst("ttl: 60s", "tll: 60s").replaceFirst("ttl: 1d", "ttl: 60");
        Path file = Files.writeString(folder.resolve("caching-proxy.yaml"), wrong);
        String shown = CommandLineRun.of("check", file.toString()).err().replace(file.toString(), "caching-proxy.yaml");
        assertThat(shown.lines()).hasSize(2);
        assertThat(section()).contains("```\n" + shown + "```");
    }

    @Test
    void every_key_is_in_a_table_of_the_section() throws IOException {
        List<String> rows =
                section().lines().filter(line -> line.startsWith("| ")).toList();
        for (Keys keys : Keys.all()) {
            assertThat(keys.names())
                    .allSatisfy(key -> assertThat(rows)
                            .as(key)
                            .anySatisfy(row -> assertThat(row).containsPattern("`" + key + "(: false)?`")));
        }
    }

    @Test
    void every_key_in_the_first_column_of_a_table_is_one_of_the_parser() throws IOException {
        List<String> known =
                Keys.all().stream().flatMap(keys -> keys.names().stream()).toList();
        Set<String> headings = Set.of("`match`");
        section()
                .lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("\\|")[1].strip())
                .flatMap(cell -> Stream.of(cell.split(", ")))
                .filter(key -> !headings.contains(key))
                .forEach(key -> assertThat(known).contains(key.replace("`", "")));
    }

    private static String section() throws IOException {
        String guide = Files.readString(Path.of("README.md"));
        int begin = guide.indexOf("\n## Configuration file\n");
        return guide.substring(begin, guide.indexOf("\n## ", begin + 1));
    }

    private static String example() throws IOException {
        String section = section();
        int begin = section.indexOf("```yaml\n") + 8;
        return section.substring(begin, section.indexOf("```", begin));
    }
}
