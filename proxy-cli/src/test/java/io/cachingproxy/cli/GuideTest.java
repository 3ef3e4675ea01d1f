package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.CacheStatus;
import io.cachingproxy.jetty.debug.CacheDebug;
import io.cachingproxy.jetty.tracing.SpanAttributes;
import io.cachingproxy.policy.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

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

    @Test
    void every_option_in_a_table_of_the_guides_exists() throws IOException {
        Set<String> known = CachingProxyCommand.commandLine(Map.of())
                .getCommandSpec()
                .optionsMap()
                .keySet();
        assertThat(lines().filter(line -> line.startsWith("| `--")).flatMap(row -> matches("--[a-z-]+", cell(row, 1))))
                .isNotEmpty()
                .allSatisfy(option -> assertThat(known).contains(option));
    }

    @ParameterizedTest
    @ValueSource(strings = {"explain", "warm", "debug-token"})
    void the_table_of_a_command_has_its_options_and_no_others(String name) throws IOException {
        CommandSpec command = CachingProxyCommand.commandLine(Map.of())
                .getSubcommands()
                .get(name)
                .getCommandSpec();
        String rows = lines().filter(line -> line.startsWith("| `" + name + " "))
                .map(row -> cell(row, 1))
                .collect(Collectors.joining(" "));
        Set<String> listed = matches("(?<= )(?<!\\w)--?[A-Za-z][a-z-]*|(?<=`)--[a-z-]+", rows)
                .collect(Collectors.toSet());
        assertThat(command.options())
                .filteredOn(option -> !option.usageHelp() && !option.versionHelp())
                .allSatisfy(option -> assertThat(listed).containsAnyOf(option.names()));
        assertThat(command.optionsMap().keySet()).containsAll(listed);
    }

    @Test
    void the_numbers_that_are_defaults_stand_in_the_tables() throws IOException {
        List<String> rows = lines().filter(line -> line.startsWith("| `--")).toList();
        int checked = 0;
        for (OptionSpec option :
                CachingProxyCommand.commandLine(Map.of()).getCommandSpec().options()) {
            Matcher number =
                    Pattern.compile("Default: (\\d[\\w.]*?)\\.?$").matcher(String.join(" ", option.description()));
            if (number.find()) {
                assertThat(rows)
                        .filteredOn(row -> cell(row, 1).matches(".*`" + option.longestName() + "[ `].*"))
                        .as(option.longestName())
                        .singleElement()
                        .satisfies(row -> assertThat(cell(row, 2).split(", ")).contains(number.group(1)));
                checked++;
            }
        }
        assertThat(checked).isGreaterThan(15);
    }

    @Test
    void every_reason_and_no_other_is_a_detail_in_the_guide() throws IOException {
        assertThat(tokens("| `detail` |"))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(Reason.values()).map(Reason::token).toList());
    }

    @Test
    void every_fwd_token_and_no_other_is_in_the_guide() throws IOException {
        assertThat(tokens("| `fwd` |"))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(Reason.values()).map(GuideTest::fwd).collect(Collectors.toSet()));
    }

    @Test
    void the_attributes_of_spans_are_those_in_the_guide() throws IOException {
        assertThat(attributes("SERVER")).containsExactlyInAnyOrderElementsOf(SpanAttributes.ofServer());
        assertThat(attributes("CLIENT")).containsExactlyInAnyOrderElementsOf(SpanAttributes.ofClient());
        assertThat(attributes("lookup")).containsExactlyInAnyOrderElementsOf(SpanAttributes.ofLookup());
    }

    @Test
    void the_members_of_the_field_Cache_Debug_are_those_in_the_guide() throws IOException {
        assertThat(tokens("| `Cache-Debug` |")).containsExactlyElementsOf(CacheDebug.MEMBERS);
    }

    /** The attributes of one kind of span. */
    private static List<String> attributes(String span) throws IOException {
        return table("| attribute | spans |")
                .filter(row -> List.of(cell(row, 2).split(", ")).contains(span))
                .flatMap(row -> Stream.of(cell(row, 1).replace("`", "").split(", ")))
                .toList();
    }

    @Test
    void each_guarantee_names_tests_that_exist() throws IOException {
        String tests = testSources();
        List<String> rows = table("| | guarantee | test | measured |").toList();
        assertThat(rows).hasSizeGreaterThan(40).allSatisfy(row -> {
            assertThat(matches("`(?:[A-Z]\\w+)?#?\\w*`", cell(row, 3))).isNotEmpty();
            assertThat(matches("(?<=`|#)\\w+(?=`|#)", cell(row, 3).replaceAll("`-P\\w+`", "")))
                    .allSatisfy(name -> assertThat(
                                    tests.contains("class " + name + " ") || tests.contains(" " + name + "("))
                            .as(name)
                            .isTrue());
        });
    }

    private static String fwd(Reason reason) {
        String field = new CacheStatus(false, Duration.ZERO, reason, 0, false, false, null).field("cache");
        return field.replaceFirst("cache; fwd=([a-z-]+).*", "$1");
    }

    /** The first column of a table. */
    private static List<String> tokens(String header) throws IOException {
        return table(header).map(row -> cell(row, 1).replace("`", "")).toList();
    }

    private static Stream<String> table(String header) throws IOException {
        return Files.readAllLines(Path.of("README.md")).stream()
                .dropWhile(line -> !line.startsWith(header))
                .skip(2)
                .takeWhile(line -> line.startsWith("| "));
    }

    private static String cell(String row, int column) {
        return row.split("\\|", -1)[column].strip();
    }

    private static Stream<String> matches(String expression, String text) {
        return Pattern.compile(expression).matcher(text).results().map(MatchResult::group);
    }

    private static String testSources() throws IOException {
        StringBuilder sources = new StringBuilder();
        for (String module : List.of("cache-core", "proxy-jetty", "proxy-cli")) {
            try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "test", "java"))) {
                for (Path file :
                        files.filter(it -> it.toString().endsWith(".java")).toList()) {
                    sources.append(Files.readString(file));
                }
            }
        }
        return sources.toString();
    }

    private static Stream<String> lines() throws IOException {
        return Stream.concat(
                Files.readAllLines(Path.of("README.md")).stream(),
                Files.readAllLines(Path.of("..", "README.md")).stream());
    }
}
