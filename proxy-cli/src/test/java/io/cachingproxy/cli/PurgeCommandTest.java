package io.cachingproxy.cli;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command {@code purge} refuses without an instance; what it does with one: {@link PurgeIT}. */
class PurgeCommandTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            purge                                      | Nothing to purge: write --url, --prefix, --tag, --group or --all
            purge --soft                               | Nothing to purge
            purge --all --admin localhost              | begins neither with http://
            purge --all --token-file no/such           | --token-file: no/such cannot be read
            purge --tags a                             | did you mean --tag? (
            """)
    void wrong_usage_is_told_in_one_line_and_ends_with_2(String args, String complaint) {
        CommandLineRun.of(args.split(" ")).assertWrongUsage(complaint);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"purge --all", "purge --all --json", "stats", "stats --json", "explain http://a.example/ --json"
            })
    void an_answer_of_another_server_is_a_failure(String command) throws IOException {
        try (TestOrigin site = TestOrigin.start()) {
            for (String path : List.of("/api/purge", "/api/stats", "/api/explain")) {
                site.on(path, "[\"a page\"]");
            }
            CommandLineRun.of((command + " --admin " + site.uri()).split(" "))
                    .assertFailed("is not that of an admin listener: see --admin");
        }
    }

    @Test
    void no_instance_is_a_failure() throws IOException {
        CommandLineRun.of("purge", "--all", "--admin", "http://127.0.0.1:" + FreePort.number())
                .assertFailed("No instance answers on http://127.0.0.1:");
    }
}
