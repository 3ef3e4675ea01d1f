package io.cachingproxy.origin;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import java.net.URI;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OwnLocationTest {
    private final OwnLocation own = OwnLocation.of(
            List.of(URI.create("http://10.0.0.1:8080/app"), URI.create("http://10.0.0.2:8080/v2/")),
            "Shop.internal:80");

    @ParameterizedTest
    @CsvSource(textBlock = """
            http://10.0.0.1:8080/app/login?next=%2F#top | /login?next=%2F#top
            HTTP://10.0.0.1:8080/app/                   | /
            http://shop.internal/app/a                  | /a
            http://shop.internal:80/app/a               | /a
            https://10.0.0.1:8080/app/a                 | https://10.0.0.1:8080/app/a
            http://10.0.0.2:8080/v2/a                   | /a
            http://10.0.0.2:8080/app/a                  | http://10.0.0.2:8080/app/a
            http://10.0.0.1/app/a                       | http://10.0.0.1/app/a
            http://10.0.0.1:8080/apple                  | http://10.0.0.1:8080/apple
            http://10.0.0.1:8080/other                  | http://10.0.0.1:8080/other
            http://10.0.0.1:8080@evil.example/app/a     | http://10.0.0.1:8080@evil.example/app/a
            http://evil.example/app/a                   | http://evil.example/app/a
            http://10.0.0.1:8080/app//evil.example/     | http://10.0.0.1:8080/app//evil.example/
            http://10.0.0.1:8080/app/\\evil.example/    | http://10.0.0.1:8080/app/\\evil.example/
            /app/a                                      | /app/a
            a                                           | a
            """, delimiter = '|')
    void the_address_of_a_server_is_left_out_of_a_location(String sent, String mapped) {
        for (String field : new String[] {"Location", "Content-Location"}) {
            Headers response = own.mapped(Headers.of("A", "b", field, sent), UnaryOperator.identity());
            assertThat(response).isEqualTo(Headers.of("A", "b", field, mapped));
        }
    }

    @Test
    void a_server_without_a_path_may_be_named_without_one() {
        OwnLocation root = OwnLocation.of(List.of(URI.create("https://shop.internal")), null);
        assertThat(root.mapped(Headers.of("Location", "https://shop.internal"), UnaryOperator.identity()))
                .isEqualTo(Headers.of("Location", "/"));
        assertThat(root.mapped(Headers.of("Location", "https://shop.internal?a"), UnaryOperator.identity()))
                .isEqualTo(Headers.of("Location", "/?a"));
    }

    @Test
    void a_path_that_no_client_can_ask_for_stays() {
        Headers response = Headers.of("Location", "http://shop.internal/app/a");
        assertThat(own.mapped(response, path -> null)).isEqualTo(response);
        assertThat(own.mapped(response, path -> "/site" + path)).isEqualTo(Headers.of("Location", "/site/a"));
    }

    @Test
    void a_location_with_a_character_that_browsers_drop_stays() {
        for (String drops : new String[] {"\t", "\n", "\r", "\u007f", " "}) {
            Headers response = Headers.of("Location", "http://shop.internal/app/" + drops + "/evil.example");
            assertThat(own.mapped(response, UnaryOperator.identity())).isEqualTo(response);
        }
    }
}
