package io.cachingproxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** {@link Content#of(Flow.Publisher)}. */
class PublisherContentTest {
    private final Published published = new Published();
    private final Content content = Content.of(published);
    private final AtomicInteger woken = new AtomicInteger();

    /** A publisher that sends when the test says so. */
    private static final class Published implements Flow.Publisher<ByteBuffer>, Flow.Subscription {
        private Flow.@Nullable Subscriber<? super ByteBuffer> subscriber;
        private long requested;
        private boolean cancelled;

        @Override
        public void subscribe(Flow.Subscriber<? super ByteBuffer> reader) {
            assertThat(subscriber).isNull();
            subscriber = reader;
            reader.onSubscribe(this);
        }

        @Override
        public void request(long n) {
            requested += n;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        void send(String text) {
            subscriber.onNext(bytes(text));
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private void assertRead(String text) throws IOException {
        assertThat(new String(content.read().copy().array(), StandardCharsets.UTF_8))
                .isEqualTo(text);
    }

    @Test
    void nothing_is_subscribed_to_before_somebody_reads() throws IOException {
        assertThat(published.subscriber).isNull();
        assertThat(content.read()).isNull();
        assertThat(published.subscriber).isNotNull();
    }

    @Test
    void one_buffer_is_requested_ahead_of_the_reader() throws IOException {
        content.demand(woken::incrementAndGet);
        assertThat(published.requested).isEqualTo(1);
        published.send("a");
        assertThat(woken).hasValue(1);
        assertThat(published.requested).isEqualTo(1);
        assertRead("a");
        assertThat(published.requested).isEqualTo(2);
        assertThat(content.read()).isNull();
    }

    @Test
    void completion_is_the_end_for_ever_after_what_was_sent() throws IOException {
        content.demand(woken::incrementAndGet);
        published.send("a");
        published.subscriber.onComplete();
        assertRead("a");
        assertThat(content.read()).isSameAs(Content.END);
        assertThat(content.read()).isSameAs(Content.END);
        assertThat(published.requested).isEqualTo(1);
    }

    @Test
    void completion_answers_an_open_demand() throws IOException {
        content.demand(woken::incrementAndGet);
        published.subscriber.onComplete();
        assertThat(woken).hasValue(1);
        assertThat(content.read()).isSameAs(Content.END);
    }

    @Test
    void an_error_breaks_off_after_what_was_sent() throws IOException {
        content.demand(woken::incrementAndGet);
        published.send("a");
        published.subscriber.onError(new IllegalStateException("no more"));
        assertRead("a");
        assertThatThrownBy(content::read).isInstanceOf(IOException.class).hasRootCauseMessage("no more");
        assertThatThrownBy(content::read).isInstanceOf(IOException.class);
    }

    @Test
    void an_error_that_is_an_io_exception_is_thrown_as_it_is() throws IOException {
        IOException broken = new IOException("broken");
        content.demand(woken::incrementAndGet);
        published.subscriber.onError(broken);
        assertThat(woken).hasValue(1);
        assertThatThrownBy(content::read).isSameAs(broken);
    }

    @Test
    void cancelling_cancels_the_subscription_and_ends_the_content() throws IOException {
        content.demand(woken::incrementAndGet);
        published.send("a");
        content.cancel();
        assertThat(published.cancelled).isTrue();
        assertThat(content.read()).isSameAs(Content.END);
        published.send("late");
        assertThat(content.read()).isSameAs(Content.END);
    }

    @Test
    void content_cancelled_before_it_is_read_is_never_subscribed_to() throws IOException {
        content.cancel();
        assertThat(content.read()).isSameAs(Content.END);
        assertThat(published.subscriber).isNull();
    }

    @Test
    void a_publisher_that_subscribes_after_the_cancellation_is_cancelled() throws IOException {
        Flow.Subscriber<?>[] later = new Flow.Subscriber<?>[1];
        Content slow = Content.of((Flow.Publisher<ByteBuffer>) subscriber -> later[0] = subscriber);
        assertThat(slow.read()).isNull();
        slow.cancel();
        later[0].onSubscribe(published);
        assertThat(published.cancelled).isTrue();
        assertThat(published.requested).isZero();
    }

    @Test
    void a_publisher_that_sends_more_than_was_requested_is_cancelled() throws IOException {
        content.demand(woken::incrementAndGet);
        published.send("a");
        published.send("b");
        assertThat(published.cancelled).isTrue();
        assertRead("a");
        assertThatThrownBy(content::read).isInstanceOf(IOException.class);
    }

    @Test
    void a_publisher_that_throws_breaks_off() {
        Content broken = Content.of((Flow.Publisher<ByteBuffer>) subscriber -> {
            throw new IllegalStateException("closed");
        });
        broken.demand(woken::incrementAndGet);
        assertThat(woken).hasValue(1);
        assertThatThrownBy(broken::read).isInstanceOf(IOException.class).hasRootCauseMessage("closed");
    }

    @Test
    void publishers_of_the_platform_are_read_whole() throws Exception {
        byte[] sent = new byte[100_000];
        sent[99_999] = 1;
        assertThat(Content.of(BodyPublishers.ofByteArray(sent)).readAll(100_000).toCompletableFuture())
                .isCompletedWithValueMatching(bytes -> Arrays.equals(bytes, sent));
        try (SubmissionPublisher<ByteBuffer> publisher = new SubmissionPublisher<>()) {
            Content whole = Content.of(publisher);
            var read = whole.readAll(10_000).toCompletableFuture();
            for (int i = 0; i < 1000; i++) {
                publisher.submit(bytes("0123456789"));
            }
            publisher.close();
            assertThat(read.get(20, TimeUnit.SECONDS)).hasSize(10_000);
        }
    }
}
