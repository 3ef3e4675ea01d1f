package io.cachingproxy.jetty;

import static io.cachingproxy.testkit.RawClient.request;
import static io.cachingproxy.testkit.RawOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.testkit.OriginCall;
import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.RawOrigin;
import io.cachingproxy.testkit.TestProxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9110 §10.1.1: a proxy forwards the expectation, and its 100 is the origin's. */
class ExpectTest {
    private static final String POST = request("POST", "/", "Expect: 100-continue", "Content-Length: 4");

    @ParameterizedTest
    @ValueSource(ints = {417, 403, 200})
    void a_final_response_comes_without_100_and_without_the_content(int status) {
        List<OriginCall> calls = new CopyOnWriteArrayList<>();
        String answer = "HTTP/1.1 " + status + " X\r\nCache-Control: no-store\r\nContent-Length: 2\r\n\r\nno";
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    calls.add(call);
                    call.send(answer);
                });
                TestProxy proxy = TestProxy.of(origin)) {
            for (int i = 0; i < 2; i++) {
                try (RawClient client = RawClient.to(proxy.port())) {
                    client.send(POST);
                    assertThat(client.anyHead())
                            .startsWith("HTTP/1.1 " + status + " ")
                            .contains("\r\nConnection: close\r\n");
                    assertThat(client.read(2)).isEqualTo("no");
                    assertThat(client.rest()).isEmpty();
                }
                assertThat(origin.lastHead()).contains("\r\nExpect: 100-continue\r\n");
            }
            assertThat(calls.get(1).sharesConnectionWith(calls.get(0))).isFalse();
        }
    }

    @Test
    void the_content_follows_the_100_of_the_origin() {
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    call.send("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
                    call.send(ok(new String(call.body()), "Cache-Control: no-store"));
                });
                TestProxy proxy = TestProxy.of(origin);
                RawClient client = RawClient.to(proxy.port())) {
            for (int i = 0; i < 2; i++) {
                client.send(POST);
                assertThat(client.anyHead()).startsWith("HTTP/1.1 103 ");
                assertThat(client.anyHead()).startsWith("HTTP/1.1 100 ");
                assertThat(client.send("body").reply().text()).isEqualTo("body");
            }
        }
    }

    @Test
    void the_content_is_sent_to_an_origin_that_sends_no_100() {
        try (RawOrigin origin = RawOrigin.answering(call -> call.send(ok(new String(call.body()))));
                TestProxy proxy = TestProxy.of(origin);
                RawClient client = RawClient.to(proxy.port())) {
            client.send(POST);
            assertThat(client.anyHead()).startsWith("HTTP/1.1 100 ");
            assertThat(client.send("body").reply().text()).isEqualTo("body");
        }
    }

    @Test
    void the_expectation_of_a_client_of_http_1_0_is_ignored() {
        try (RawOrigin origin = RawOrigin.answering(call -> call.send(ok(new String(call.body()))));
                TestProxy proxy = TestProxy.of(origin);
                RawClient client = RawClient.to(proxy.port())) {
            client.send(POST.replace("HTTP/1.1", "HTTP/1.0") + "body");
            assertThat(client.anyHead()).startsWith("HTTP/1.1 200 ");
            assertThat(origin.lastHead()).doesNotContain("Expect");
        }
    }
}
