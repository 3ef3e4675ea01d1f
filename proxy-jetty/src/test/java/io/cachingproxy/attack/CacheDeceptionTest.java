package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked of the origin is what is kept, byte for byte: no path is taken for another. */
class CacheDeceptionTest extends Attack {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/account/x.css",
                "/account;x.css",
                "/account%2fx.css",
                "/account%2Fx.css",
                "/account%3bx.css",
                "/account%0ax.css",
                "/account%09x.css",
                "/account%23x.css",
                "/account%3fx.css",
                "/static/../account",
                "/static/..%2faccount",
                "/static/%2e%2e/account",
                "/static/./../account",
                "/static/..;/account",
                "/account/",
                "/account//",
                "//account",
                "/./account",
                "/account/.",
                "/Account",
                "/%61ccount",
                "/account?",
                "/account??",
                "/account?a|b",
                "/account?%zz",
                "/acc\"ount<>^`{|}\\"
            })
    void every_spelling_of_a_path_is_its_own_key_and_goes_out_as_it_came(String target) throws IOException {
        victim("/account");
        assertThat(victim(target).body()).isEqualTo("GET " + target);
        assertThat(victim("/account").body()).isEqualTo("GET /account");
        assertThat(victim(target).field("X-Cache")).isEqualTo("HIT");
        assertThat(origin.asked()).containsExactly("GET /account", "GET " + target);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/account%00x.css", "/account%", "/account%zz", "/account%2"})
    void a_path_that_cannot_be_decoded_is_refused(String target) throws IOException {
        assertRefused(400, get(target));
    }

    @Test
    void private_content_under_a_name_that_looks_static_is_not_kept() throws IOException {
        origin.on(
                "/account/x.css",
                "HTTP/1.1 200 OK\r\nCache-Control: private, max-age=60\r\n"
                        + "Content-Type: text/html\r\nContent-Length: 6\r\n\r\nsecret");
        assertThat(ask(get("/account/x.css", "Cookie: session=victims")).body()).isEqualTo("secret");
        origin.on("/account/x.css", "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
        assertThat(victim("/account/x.css").status()).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PRIVATE",
                "private=",
                "private=\"x",
                "private=\"\"",
                "\"private\"",
                "private;max-age=60",
                "max-age=60 private",
                "max-age=60,,private",
                "=private",
                "no-store=1",
                "No-Store;",
                "no-cache=\"",
                "max-age=60\tno-store"
            })
    void malformed_words_of_privacy_keep_a_response_out_of_the_cache(String directives) throws IOException {
        origin.on("/a", "HTTP/1.1 200 OK\r\nCache-Control: " + directives + "\r\nContent-Length: 1\r\n\r\na");
        victim("/a");
        assertThat(victim("/a").field("X-Cache")).isEqualTo("MISS");
    }
}
