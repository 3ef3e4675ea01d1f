package io.cachingproxy.cli.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.jetty.events.Redaction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The requests that clients of Fastly's and Cloudflare's APIs send. */
class PurgeDialectsApiTest {
    private AdminScene scene;

    @BeforeEach
    void start() throws IOException {
        scene = new AdminScene(
                (purging, store) -> new PurgeDialectsApi(purging, Redaction.BY_DEFAULT), Optional.empty());
        fill();
    }

    private void fill() {
        scene.stored("/one", "a front:page");
        scene.stored("/two", "b");
        scene.stored("/news/three", "c");
    }

    @AfterEach
    void stop() {
        scene.close();
    }

    private String left() {
        return (scene.found("/one").isEmpty() ? "" : "1")
                + (scene.found("/two").isEmpty() ? "" : "2")
                + (scene.found("/news/three").isEmpty() ? "" : "3");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            /service/SU1Z0isxPaozGVKXdv0eY/purge/a            | X: y                     | ``                          | {"id":"     | 23
            /service/SU1Z0isxPaozGVKXdv0eY/purge/front%3Apage | X: y                     | ``                          | "status":"ok" | 23
            /service/s/purge                                  | Surrogate-Key: a b none  | ``                          | {"a":"      | 3
            /service/s/purge                                  | X: y                     | {"surrogate_keys":["a","c"]} | ,"c":"      | 2
            /service/s/purge_all                              | X: y                     | ``                          | {"status":"ok"} | ``
            """)
    void fastly(String path, String field, String body, String answer, String left) throws IOException {
        String sent = scene.send("POST " + path, body, field, "Fastly-Key: none");
        assertThat(sent).startsWith("HTTP/1.1 200").contains(answer.contains("id") ? "\"id\":\"" : answer);
        assertThat(left()).isEqualTo(left);
    }

    @Test
    void a_soft_purge_of_fastly_makes_stale() throws IOException {
        scene.send("POST /service/s/purge/a", "", "Fastly-Soft-Purge: 1");
        assertThat(scene.found("/one").get(0).isFresh(AdminScene.CLOCK.instant()))
                .isFalse();
        assertThat(scene.found("/two").get(0).isFresh(AdminScene.CLOCK.instant()))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"files":["http://www.example.com/one","https://www.example.com/two"]}      | 3
            {"files":[{"url":"http://www.example.com/one","headers":{"Origin":"x"}}]}   | 23
            {"prefixes":["www.example.com/news"]}                                       | 12
            {"hosts":["www.example.com"]}                                               | ``
            {"tags":["a","b"]}                                                          | 3
            {"purge_everything":true}                                                   | ``
            """)
    void cloudflare(String body, String left) throws IOException {
        assertThat(scene.send("POST /client/v4/zones/023e105f/purge_cache", body, "Content-Type: application/json"))
                .startsWith("HTTP/1.1 200")
                .contains("{\"success\":true,\"errors\":[],\"messages\":[],\"result\":{\"id\":\"023e105f\"}}");
        assertThat(left()).isEqualTo(left);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            /service/s/purge                     | ``                             | name keys in Surrogate-Key
            /service/s/purge                     | {"keys":["a"]}                 | unknown key keys
            /client/v4/zones/z/purge_cache       | {}                             | name files, prefixes, hosts, tags or purge_everything
            /client/v4/zones/z/purge_cache       | {"purge_everything":"yes"}     | purge_everything is true or false
            /client/v4/zones/z/purge_cache       | {"files":[{"headers":{}}]}     | files is a list of URLs
            /client/v4/zones/z/purge_cache       | {"tag":["a"]}                  | unknown key tag; did you mean tags?
            """)
    void what_is_not_clear_purges_nothing(String path, String body, String why) throws IOException {
        assertThat(scene.send("POST " + path, body))
                .startsWith("HTTP/1.1 400")
                .contains(why)
                .contains("application/json");
        assertThat(left()).isEqualTo("123");
    }

    @Test
    void the_token_is_that_of_the_listener_in_the_field_of_each_client(@TempDir Path folder) throws IOException {
        scene.close();
        AdminToken token = AdminToken.in(Files.writeString(folder.resolve("token"), "open-sesame"));
        scene = new AdminScene(
                (purging, store) -> new PurgeDialectsApi(purging, Redaction.BY_DEFAULT), Optional.of(token));
        fill();
        assertThat(scene.send("POST /service/s/purge_all", "", "Fastly-Key: wrong"))
                .startsWith("HTTP/1.1 401");
        assertThat(scene.send("POST /client/v4/zones/z/purge_cache", "{}", "Fastly-Key: open-sesame"))
                .startsWith("HTTP/1.1 401");
        assertThat(left()).isEqualTo("123");
        assertThat(scene.send("POST /service/s/purge/a", "", "Fastly-Key: open-sesame"))
                .startsWith("HTTP/1.1 200");
        assertThat(scene.send(
                        "POST /client/v4/zones/z/purge_cache",
                        "{\"tags\":[\"b\"]}",
                        "Authorization: Bearer open-sesame"))
                .startsWith("HTTP/1.1 200");
        assertThat(left()).isEqualTo("3");
    }
}
