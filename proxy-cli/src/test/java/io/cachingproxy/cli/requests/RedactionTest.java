package io.cachingproxy.cli.requests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which query parameters are redacted. */
class RedactionTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /a                                  | /a
            /a?b=c                              | /a?b=c
            /a?access_token=x&b=c               | /a?access_token=***&b=c
            /a?b&TOKEN=x=y                      | /a?b&TOKEN=***
            /a?X-Amz-Signature=0f&sig=1&code=2  | /a?X-Amz-Signature=***&sig=***&code=***
            /a?postcode=1&signal=2              | /a?postcode=1&signal=2
            /token=a/b?=c&&d=                   | /token=a/b?=c&&d=
            """)
    void values_of_parameters_with_secret_names_are_replaced(String path, String expected) {
        assertThat(new Redaction(Redaction.DEFAULT).redacted(path)).isEqualTo(expected);
    }

    @Test
    void names_are_matched_as_text_apart_from_the_asterisk() {
        Redaction redaction = new Redaction(List.of("a.b", "x*", "\\E[c"));
        assertThat(redaction.redacted("/?a.b=1&aab=2&xyz=3&\\E[c=4&c=5"))
                .isEqualTo("/?a.b=***&aab=2&xyz=***&\\E[c=***&c=5");
    }

    @Test
    void without_names_nothing_is_replaced() {
        assertThat(new Redaction(List.of()).redacted("/a?token=x&=y")).isEqualTo("/a?token=x&=y");
    }
}
