package io.cachingproxy.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.Answer;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.testkit.ContentWithTrailers;
import io.cachingproxy.testkit.JettyFront;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrailersOverHttp2Test {
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void trailers_of_an_answer_come_after_content_that_waits_for_a_window(boolean async) throws Exception {
        HttpServlet answering = new HttpServlet() {
            @Override
            protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
                Answer answer = new Answer(
                        new ResponseHead(200, Headers.of("X-A", "b")),
                        new ContentWithTrailers("hello", Headers.of("Sum", "7")),
                        null);
                if (async) {
                    AnswerWriter.write(answer, request.startAsync());
                } else {
                    AnswerWriter.writeAll(answer, request, response);
                }
            }
        };
        try (JettyFront front = JettyFront.of(null, answering)) {
            assertThat(ContentWithTrailers.received(front.port())).containsExactly("he", "llo", "TRAILERS");
        }
    }
}
