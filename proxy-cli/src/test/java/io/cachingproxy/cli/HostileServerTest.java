package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.cachingproxy.cli.text.Controls;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the commands make of a server that sends controls of terminals, or an answer without end. */
class HostileServerTest {
    private static final String EVIL = "a\u001b]0;b\u0007\r\n\u0085\u009b2J\u202ec\u2066\u2028";

    @TempDir
    private Path folder;

    /** {@code ~} in the texts is the hostile text. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            stats   | /api/stats          | {"version":"~","hit-ratio":{},"requests":{"~":1},"not-stored":{"~":1},"origins":[{"name":"~","servers":{"~":1}}],"shadow":[{"name":"~","requests":{"~":1}}],"redis":"~"}
            purge --all | /api/purge      | {"purged":["~"],"entries":1,"counted":"~"}
            explain http://a/ | /api/explain | {"method":"~","url":"~","site":"~","policy":"~","key":"~","rules":[{"name":"~","result":"not-matched","unmet":"~"},{"name":"~","result":"matched","settings":{"~":"~"},"overridden":{"~":"~"}}],"variants":[{"status":"~","age":"~","ttl":1,"selecting":{"~":"~"},"why":"~"}],"omitted":0,"reuse":{"result":"~","reason":"~","source":"~","steps":[{"reason":"~","source":"~","effect":"~","inputs":"~"}],"changes":[{"text":"~"}]},"status":"~","storage":{"result":"~"}}
            preview FILE | /api/config/preview | {"valid":true,"warnings":["~"],"diff":{"added":1,"removed":0,"lines":["~"],"complete":false},"recorded":1,"before":{"requests":{"~":1}},"after":{"requests":{}},"newly-stored":[{"url":"~","requests":1,"reason":"~","warnings":["~"]}],"keys-merged":[{"key":"~","keys":["a"]}]}
            advise  | /api/key-advice     | {"sites":[{"name":"~","responses":1,"paths":1,"advice":[{"name":"~","without-effect":[{"input":"~"}],"with-effect":["~"],"rule":"~","note":"~"}],"warnings":[{"text":"~","paths":["~"],"rule":"~"}],"changing":["~"],"unclear":["~"]}]}
            """)
    void texts_of_a_server_are_printed_without_controls(String command, String path, String json) throws IOException {
        String body = json.replace("~", json(EVIL));
        String[] args = command.replace("FILE", file("port: 8000").toString()).split(" ");
        try (TestOrigin server = TestOrigin.start().on(path, body)) {
            CommandLineRun report = run(server, args);
            assertThat(report.exitCode()).isZero();
            assertThat(report.out())
                    .contains("a\\u001B]0;b\\u0007\\u000D\\u000A\\u0085\\u009B2J\\u202Ec\\u2066\\u2028");
            CommandLineRun document = run(server, (String.join(" ", args) + " --json").split(" "));
            assertThat(document.out()).contains("a\\u001B]0;b\\u0007\\r\\n\\u0085\\u009B2J\\u202Ec\\u2066\\u2028");
            server.on(path, exchange -> TestOrigin.send(exchange, 500, EVIL.getBytes(StandardCharsets.UTF_8)));
            assertThat(run(server, args).err())
                    .contains(" 500 a\\u001B]0;b\\u0007")
                    .hasLineCount(1);
        }
    }

    private static CommandLineRun run(TestOrigin server, String... args) {
        String[] all = new String[args.length + 2];
        System.arraycopy(args, 0, all, 0, args.length);
        all[args.length] = "--admin";
        all[args.length + 1] = server.uri().toString();
        CommandLineRun run = CommandLineRun.of(all);
        assertPrintable(run);
        return run;
    }

    private static void assertPrintable(CommandLineRun run) {
        assertThat((run.out() + run.err()).chars().filter(c -> c != '\n').noneMatch(Controls::isControl))
                .isTrue();
    }

    private static String json(String text) {
        StringBuilder json = new StringBuilder();
        text.chars().forEach(c -> json.append(String.format("\\u%04x", c)));
        return json.toString();
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("file"), text);
    }

    @Test
    void the_reports_of_warm_and_check_have_no_controls() throws IOException {
        try (TestOrigin server = TestOrigin.start()
                .on(
                        "/sitemap.xml",
                        "<urlset><url><loc>no url &#155;2J&#x202e;&#x0d;</loc></url>"
                                + "<url><loc>http://a.example/a</loc></url></urlset>")
                .on("/a", "a", "Cache-Status", "caching-proxy; fwd=miss; detail=a\u009bb")) {
            for (String json : new String[] {"--rate=1000", "--json"}) {
                CommandLineRun run = CommandLineRun.of(
                        "warm", "--proxy", server.uri().toString(), "--sitemap", "http://a.example/sitemap.xml", json);
                assertPrintable(run);
                assertThat(run.out()).contains("u009Bb");
                assertThat(run.out() + run.err()).contains("no url \\u009B2J\\u202E");
            }
        }
        CommandLineRun check =
                CommandLineRun.of("check", file("\"a\\x9b2J\\u202e\": 1").toString());
        assertPrintable(check);
        assertThat(check.err()).contains("a\\u009B2J\\u202E");
    }

    /** A server that answers each request with a head and then content without end. */
    private static final class Endless implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        private final String content;
        private final int pause;

        /** @param pause after each content, in ms */
        Endless(String content, int pause) throws IOException {
            this.content = content;
            this.pause = pause;
            Thread thread = new Thread(this::serve, "endless");
            thread.setDaemon(true);
            thread.start();
        }

        private void serve() {
            while (!server.isClosed()) {
                try (Socket client = server.accept()) {
                    client.setSoTimeout(pause);
                    OutputStream out = client.getOutputStream();
                    out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    do {
                        out.write(content.getBytes(StandardCharsets.US_ASCII));
                    } while (pause == 0 || isOpen(client));
                } catch (IOException gone) {
                    // the next one
                }
            }
        }

        /** Reads until the pause is over; the client sends nothing after its request. */
        private static boolean isOpen(Socket client) throws IOException {
            try {
                while (client.getInputStream().read() >= 0) {
                    // the request
                }
                return false;
            } catch (SocketTimeoutException pause) {
                return true;
            }
        }

        String uri() {
            return "http://127.0.0.1:" + server.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    @Test
    void an_answer_that_is_not_complete_in_time_is_a_failure() throws IOException {
        try (Endless server = new Endless("1", 50)) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.uri() + "/api/stats"));
            Failure failure = assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
                try {
                    AdminClient.get(request, Optional.empty(), Duration.ofMillis(500));
                    return new Failure("none");
                } catch (Failure late) {
                    return late;
                }
            });
            assertThat(failure).hasMessage("The answer of " + server.uri() + " is not complete after 500ms");
        }
        assertThat(AdminClient.ANSWER).isEqualTo(Duration.ofSeconds(30));
    }

    @ParameterizedTest
    @ValueSource(strings = {"stats", "purge --all", "explain http://a.example/"})
    void an_answer_without_end_is_named_too_long(String command) throws IOException {
        try (Endless server = new Endless("1".repeat(1 << 16), 0)) {
            CommandLineRun.of((command + " --admin " + server.uri()).split(" "))
                    .assertFailed("The answer of " + server.uri() + " is longer than 16 MiB");
        }
    }
}
