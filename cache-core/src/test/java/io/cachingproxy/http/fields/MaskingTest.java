package io.cachingproxy.http.fields;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MaskingTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            https://user:p@ss@h/{uri}?access_token=x&a=b#c | https://***@h/{uri}?access_token=***&a=***#c
            /health?token=x                                | /health?token=***
            GET http://a.example/?a=b                      | GET http://a.example/?a=***
            /a/**                                          | /a/**
            /mail/@me?                                     | /mail/@me?
            """)
    void a_url_is_shown_without_user_password_and_values_of_parameters(String text, String shown) {
        assertThat(Masking.url(text)).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Cache-Control             | max-age=5              | max-age=5
            ACCESS-CONTROL-MAX-AGE    | 5                      | 5
            Location                  | http://u:p@h/?a=b      | http://***@h/?a=***
            Ocp-Apim-Subscription-Key | 5                      | ***
            X-Foo                     | Bearer x               | ***
            Set-Cookie                | a=b                    | ***
            """)
    void a_header_is_shown_if_it_is_known_to_be_harmless(String name, String value, String shown) {
        assertThat(Masking.header(name, value)).isEqualTo(shown);
    }
}
