package io.cachingproxy.attack;

import static io.cachingproxy.rules.Rule.rule;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.HttpCache;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.rules.Rules;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What HTTP/2 can carry and HTTP/1.1 cannot is not carried on. */
class Http2AttackTest extends Attack {
    private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: proxy\r\n\r\n";
    private final HTTP2Client client = new HTTP2Client();

    @Override
    ProxyServer.Builder configured(ProxyServer.Builder builder) {
        return super.configured(builder)
                .cache(HttpCache.builder()
                        .store(store)
                        .clock(clock)
                        .rules(Rules.of(rule("admin").path("/admin/**").respond(403, "")))
                        .build());
    }

    @BeforeEach
    void startClient() throws Exception {
        client.start();
    }

    @AfterEach
    void stopClient() throws Exception {
        client.stop();
    }

    /** The status of the response; 0 if the stream or the connection was reset. */
    private int ask(String method, String uri, String body, HttpField... fields) throws Exception {
        CompletableFuture<Integer> status = new CompletableFuture<>();
        Session session = client.connect(new InetSocketAddress("127.0.0.1", proxy.port()), new Session.Listener() {
                    @Override
                    public void onClose(
                            Session closed, org.eclipse.jetty.http2.frames.GoAwayFrame frame, Callback callback) {
                        status.complete(0);
                        callback.succeeded();
                    }
                })
                .get(5, TimeUnit.SECONDS);
        HttpFields.Mutable headers = HttpFields.build();
        for (HttpField field : fields) {
            headers.add(field);
        }
        MetaData.Request request = new MetaData.Request(method, HttpURI.from(uri), HttpVersion.HTTP_2, headers);
        session.newStream(
                new HeadersFrame(request, null, body == null),
                new Promise<>() {
                    @Override
                    public void succeeded(Stream stream) {
                        if (body != null) {
                            stream.data(new DataFrame(stream.getId(), BufferUtil.toBuffer(body), true), Callback.NOOP);
                        }
                    }

                    @Override
                    public void failed(Throwable refused) {
                        status.complete(0);
                    }
                },
                new Stream.Listener() {
                    @Override
                    public void onHeaders(Stream stream, HeadersFrame frame) {
                        if (frame.getMetaData() instanceof MetaData.Response response) {
                            status.complete(response.getStatus());
                        }
                    }

                    @Override
                    public void onReset(Stream stream, ResetFrame frame, Callback callback) {
                        status.complete(0);
                        callback.succeeded();
                    }
                });
        return status.get(10, TimeUnit.SECONDS);
    }

    private String url(String path) {
        return "http://127.0.0.1:" + proxy.port() + path;
    }

    @Test
    void prior_knowledge_h2c_works_on_the_plain_port() throws Exception {
        assertThat(ask("GET", url("/a"), null)).isEqualTo(200);
        assertVictimUnharmed("GET /a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/admin/x", "/admin%2fx", "/%2fadmin/x", "/x/..%2fadmin/x", "/x%5c..%5cadmin/x"})
    void no_spelling_of_a_path_evades_the_response_of_a_rule(String path) throws Exception {
        assertThat(ask("GET", url(path), null)).isEqualTo(403);
        assertVictimUnharmed();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x\r\nX-Split: y", "x\r\n\r\n" + SMUGGLED, "x\ny", "x\ry", "x\u0000y"})
    void a_field_value_with_a_line_end_does_not_split_the_request(String value) throws Exception {
        assertThat(ask("GET", url("/a"), null, new HttpField("X-A", value))).isIn(0, 400, 200);
        for (Message request : origin.requests()) {
            assertThat(request.head()).doesNotContain("X-Split", "smuggled HTTP", "\u0000");
            assertThat(request.head().lines().filter(String::isBlank)).isEmpty();
        }
        assertThat(victim("/victim").body()).isEqualTo("GET /victim");
        assertThat(origin.asked()).doesNotContain("GET /smuggled").isSubsetOf("GET /a", "GET /victim");
        assertThat(origin.garbled()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "Transfer-Encoding, chunked",
        "Connection, keep-alive",
        "Keep-Alive, timeout=9",
        "Proxy-Connection, keep-alive",
        "Upgrade, h2c",
        "TE, gzip"
    })
    void connection_fields_are_refused_or_dropped(String name, String value) throws Exception {
        ask("POST", url("/a"), "0\r\n\r\n" + SMUGGLED, new HttpField(name, value));
        for (Message request : origin.requests()) {
            assertThat(request.field(name)).isIn("", "chunked"); // our own framing
        }
        assertThat(victim("/victim").body()).isEqualTo("GET /victim");
        assertThat(origin.asked()).doesNotContain("GET /smuggled");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "5", "5000"})
    void a_content_length_that_is_not_the_contents_smuggles_nothing(String length) throws Exception {
        int status = ask("POST", url("/a"), SMUGGLED, new HttpField("Content-Length", length));
        if (!length.equals("0")) { // a request that says it has no content may be answered before its content comes
            assertThat(status).isNotEqualTo(200);
        }
        assertThat(victim("/victim").body()).isEqualTo("GET /victim");
        assertThat(origin.asked()).doesNotContain("GET /smuggled");
    }

    @Test
    void a_scheme_other_than_the_connections_is_refused() throws Exception {
        assertThat(ask("GET", "https://127.0.0.1:" + proxy.port() + "/a", null)).isEqualTo(400);
        assertVictimUnharmed();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TRACE", "CONNECT", "GET /smuggled HTTP/1.1", "G\u0000T", ""})
    void connect_trace_and_malformed_methods_are_refused(String method) throws Exception {
        assertThat(ask(method, url("/a"), null)).isIn(0, 400, 405, 501);
        assertVictimUnharmed();
    }

    // RFC 9113 §8.2.3
    @Test
    void cookies_in_several_lines_are_one_line_for_the_key_and_the_origin() throws Exception {
        origin.on("/a", RecordingOrigin.ok("a", "Vary: Cookie", "Cache-Control: public"));
        ask("GET", url("/a"), null, new HttpField("Cookie", "a=1"), new HttpField("Cookie", "b=2"));
        assertThat(origin.last().all("Cookie")).containsExactly("a=1; b=2");
        assertThat(ask(get("/a", "Cookie: a=1; b=2")).field("X-Cache")).isEqualTo("HIT");
        assertThat(ask(get("/a", "Cookie: a=1, b=2")).field("X-Cache")).isEqualTo("MISS");
    }

    @Test
    void more_fields_than_we_take_are_431() throws Exception {
        HttpField[] fields = new HttpField[201];
        java.util.Arrays.setAll(fields, i -> new HttpField("X-" + i, "x"));
        assertThat(ask("GET", url("/a"), null, fields)).isIn(0, 431);
        assertVictimUnharmed();
    }
}
