package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.cli.config.Suggestion;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionTest {
    private static final List<String> OPTIONS =
            CachingProxyCommand.commandLine(Map.of()).getCommandSpec().options().stream()
                    .map(Options::name)
                    .toList();

    @ParameterizedTest
    @CsvSource({
        "--prot, --port",
        "--prt, --port",
        "--portt, --port",
        "-port, --port",
        "--orgin, --origin",
        "--reddis, --redis",
        "--tll, --ttl",
        "--memroy, --memory",
        "--max-objekt-size, --max-object-size",
        "--max-object, --max-object-size",
        "--polciy, --policy"
    })
    void the_nearest_name_is_meant(String written, String meant) {
        assertThat(Suggestion.of(written, OPTIONS)).containsExactly(meant);
    }

    @Test
    void an_abbreviation_of_several_names_is_any_of_them() {
        assertThat(Suggestion.of("--admin", OPTIONS))
                .containsExactlyInAnyOrder("--admin-port", "--admin-host", "--admin-token-file");
    }

    @Test
    void what_is_far_from_all_names_is_none() {
        assertThat(Suggestion.of("--zstandard", OPTIONS)).isEmpty();
    }

    @Test
    void every_letter_exchanged_with_the_next_one_is_understood() {
        for (String option : OPTIONS) {
            for (int i = 2; i + 1 < option.length(); i++) {
                String written =
                        option.substring(0, i) + option.charAt(i + 1) + option.charAt(i) + option.substring(i + 2);
                assertThat(Suggestion.of(written, OPTIONS)).as(written).contains(option);
            }
        }
    }
}
