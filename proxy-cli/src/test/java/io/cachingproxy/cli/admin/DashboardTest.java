package io.cachingproxy.cli.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.policy.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The static files of the dashboard, on a real listener. */
class DashboardTest {
    private static final Path FOLDER = Path.of("src/main/resources/io/cachingproxy/cli/dashboard");
    private static final Pattern ETAG = Pattern.compile("ETag: (\\S+)");

    @TempDir
    private Path folder;

    private AdminScene scene;

    @BeforeEach
    void start() throws IOException {
        scene = scene(Optional.empty());
    }

    @AfterEach
    void stop() {
        scene.close();
    }

    private static AdminScene scene(Optional<AdminToken> token) throws IOException {
        return new AdminScene(
                (purging, store) -> routes -> {
                    new Dashboard().addTo(routes);
                    new EntriesApi(store, purging, Optional.empty(), new Redaction(Redaction.DEFAULT), AdminScene.CLOCK)
                            .addTo(routes);
                },
                token);
    }

    private static Stream<Path> files() throws IOException {
        return Files.walk(FOLDER).filter(Files::isRegularFile);
    }

    @Test
    void the_page_is_served_with_a_policy_that_permits_only_files_of_the_listener() throws IOException {
        assertThat(scene.send("GET /", ""))
                .startsWith("HTTP/1.1 200")
                .contains(
                        "Content-Type: text/html;charset=utf-8",
                        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
                                + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
                        "require-trusted-types-for 'script'",
                        "X-Content-Type-Options: nosniff",
                        "Cache-Control: no-cache",
                        "<title>caching-proxy</title>");
    }

    @Test
    void every_file_is_served() throws IOException {
        for (Path file : files().toList()) {
            String name = FOLDER.relativize(file).toString();
            String path = name.equals("index.html") ? "/" : "/dashboard/" + name;
            assertThat(scene.send("GET " + path, "")).as(path).startsWith("HTTP/1.1 200");
        }
        assertThat(scene.send("GET /dashboard/uplot.js", "")).contains("uPlot");
        assertThat(scene.send("GET /dashboard/uplot.css", "")).contains(".uplot");
    }

    @Test
    void nothing_else_of_the_class_path_is_served() throws IOException {
        for (String path :
                new String[] {"/dashboard/", "/dashboard/../../Main.class", "/dashboard/%2e%2e/x", "/index.html"}) {
            assertThat(scene.send("GET " + path, "")).as(path).matches("(?s)HTTP/1.1 40[04].*");
        }
        assertThat(scene.send("POST /", "")).startsWith("HTTP/1.1 405");
    }

    @Test
    void an_unchanged_file_is_not_sent_again() throws IOException {
        Matcher tag = ETAG.matcher(scene.send("GET /dashboard/app.js", ""));
        assertThat(tag.find()).isTrue();
        assertThat(scene.send("GET /dashboard/app.js", "", "If-None-Match: " + tag.group(1)))
                .startsWith("HTTP/1.1 304")
                .doesNotContain("import");
        assertThat(scene.send("GET /dashboard/app.js", "", "If-None-Match: \"other\""))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void the_files_need_no_token_but_the_data_do() throws IOException {
        AdminToken token = AdminToken.in(Files.writeString(folder.resolve("token"), "secret-token"));
        try (AdminScene guarded = scene(Optional.of(token))) {
            assertThat(guarded.send("GET /", "")).startsWith("HTTP/1.1 200");
            assertThat(guarded.send("GET /dashboard/app.js", "")).startsWith("HTTP/1.1 200");
            assertThat(guarded.send("GET /api/entries", "")).startsWith("HTTP/1.1 401");
            assertThat(guarded.send("GET /dashboard/../api/entries", "")).startsWith("HTTP/1.1 401");
            assertThat(guarded.send("GET /api/entries", "", "Authorization: Bearer secret-token"))
                    .startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void no_file_parses_text_as_html_or_refers_to_another_host() throws IOException {
        for (Path file : files().toList()) {
            String text = Files.readString(file).replace("http://www.w3.org/2000/svg", "");
            assertThat(text)
                    .as(file.toString())
                    .doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(")
                    .doesNotContainPattern("(src|href|url\\(|import)[ =('\"]+(https?:)?//");
        }
    }

    @Test
    void every_reason_has_a_meaning() throws IOException {
        String script = Files.readString(FOLDER.resolve("outcomes.js"));
        assertThat(Arrays.stream(Reason.values()).map(Reason::token))
                .allSatisfy(token -> assertThat(script).contains("  '" + token + "': '"));
    }
}
