package io.cachingproxy.jetty.front;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.cachingproxy.Answer;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.testkit.RawClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class UnwrittenResponseTest {
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            lines.add(event.getLevel() + " " + event.getFormattedMessage());
        }
    };

    @Test
    void a_response_that_jetty_refuses_to_write_is_logged_once() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger(FaultLog.class);
        Level level = logger.getLevel();
        logger.setLevel(Level.WARN);
        appender.start();
        logger.addAppender(appender);
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        server.addConnector(connector);
        server.addBean(new FaultLog(System::nanoTime));
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                ResponseHead head = new ResponseHead(200, Headers.of("Transfer-Encoding", "gzip, chunked, gzip"));
                AnswerSender.send(
                        new Answer(head, Content.empty(), null),
                        new PendingWrites(),
                        new JettyResponse(null, response, callback));
                return true;
            }
        });
        server.start();
        try {
            assertThat(RawClient.ask(connector.getLocalPort(), RawClient.request("GET", "/a?secret"))
                            .head())
                    .startsWith("HTTP/1.1 500 ");
            await().during(Duration.ofMillis(100))
                    .untilAsserted(() -> assertThat(warnings()).hasSize(1));
            assertThat(warnings().get(0))
                    .startsWith("WARN GET /a: 500 the response could not be written (")
                    .doesNotContain("secret");
        } finally {
            server.stop();
            logger.detachAppender(appender);
            logger.setLevel(level);
        }
    }

    private List<String> warnings() {
        return lines.stream()
                .filter(line -> line.startsWith("WARN") || line.startsWith("ERROR"))
                .toList();
    }
}
