package io.cachingproxy.jetty.front;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.read.ListAppender;
import io.cachingproxy.OriginException;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class FaultLogErrorTest {
    @Test
    void an_error_of_the_jvm_behind_a_failed_exchange_is_logged_with_the_throwable() {
        Logger logger = (Logger) LoggerFactory.getLogger(FaultLog.class);
        ListAppender<ILoggingEvent> events = new ListAppender<>();
        events.start();
        logger.addAppender(events);
        logger.setAdditive(false);
        try {
            IOException cause = new IOException(new OutOfMemoryError("none left"));
            RequestHead request = new RequestHead("GET", new Target("http", "a.org", "/"), Headers.EMPTY);
            new FaultLog(System::nanoTime)
                    .origin(request, new OriginException(OriginException.Kind.FAILED, "the exchange failed", cause));
            assertThat(events.list).anySatisfy(event -> {
                assertThat(event.getLevel()).isEqualTo(Level.ERROR);
                assertThat(((ThrowableProxy) event.getThrowableProxy()).getThrowable())
                        .isSameAs(cause);
            });
        } finally {
            logger.detachAppender(events);
            logger.setAdditive(true);
        }
    }
}
