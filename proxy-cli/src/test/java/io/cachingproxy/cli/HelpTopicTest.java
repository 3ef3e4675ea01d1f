package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Model.OptionSpec;

class HelpTopicTest {
    private static final List<OptionSpec> OPTIONS =
            CachingProxyCommand.commandLine(Map.of()).getCommandSpec().options();

    @Test
    void only_help_and_version_have_no_topic_of_their_own() {
        assertThat(OPTIONS.stream()
                        .filter(option -> HelpTopic.of(option) == HelpTopic.HELP)
                        .map(OptionSpec::longestName))
                .containsExactlyInAnyOrder("--help", "--version");
    }

    @Test
    void the_help_has_each_option_once_under_its_topic() {
        String help = CommandLineRun.of("--help").out();
        assertThat(help).startsWith("Usage: caching-proxy [OPTIONS] [COMMAND]");
        for (OptionSpec option : OPTIONS) {
            String line = help.lines()
                    .filter(it -> it.matches(" {2,6}(-\\w, )?" + option.longestName() + "(\\[?[= ].*)?"))
                    .collect(Collectors.joining("\n"));
            assertThat(line).as(option.longestName()).isNotEmpty().doesNotContain("\n");
        }
        assertThat(help.indexOf("--redis-prefix")).isBetween(help.indexOf("\nRedis:"), help.indexOf("\nClients:"));
    }

    @Test
    void the_completion_script_has_the_options_and_the_commands() {
        CommandLineRun run = CommandLineRun.of("completion");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("--redis-prefix", "explain", "complete -F _complete_caching-proxy");
    }
}
