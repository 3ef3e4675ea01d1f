package io.cachingproxy.cli;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    @Test
    void no_instance_is_a_failure() throws IOException {
        CommandLineRun.of("purge", "--all", "--admin", "http://127.0.0.1:" + FreePort.number())
                .assertFailed("No instance answers on http://127.0.0.1:");
    }
}
