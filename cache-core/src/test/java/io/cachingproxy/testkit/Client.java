package io.cachingproxy.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.Answer;
import io.cachingproxy.HttpCache;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.testkit.Messages.Request;
import io.cachingproxy.testkit.Messages.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** Asks a cache in front of a scripted origin, on the test's own thread. */
public record Client(HttpCache cache, ScriptedOrigin origin) {
    public Client(HttpCache cache) {
        this(cache, new ScriptedOrigin());
    }

    /** Sends a request; its answer may be there already. */
    public Received send(Request request) {
        return new Received(
                cache.serve(request.head(), Content.empty(), origin).toCompletableFuture(), new StringBuilder());
    }

    /** Sends a request that the origin answers at once. */
    public Received send(Request request, Response response, String body) {
        Received received = send(request);
        origin.last().answer(response, body);
        return received;
    }

    /** What became of a request. */
    public record Received(CompletableFuture<Answer> answer, StringBuilder read) {
        public boolean isWaiting() {
            return !answer.isDone();
        }

        public int status() {
            return now().head().status();
        }

        /** The lines of a field, joined; null without any. */
        public String header(String name) {
            return now().head().headers().combined(name);
        }

        private Answer now() {
            assertThat(answer).isCompleted();
            return answer.join();
        }

        /** All text that has come so far. */
        public String text() {
            try {
                Chunk chunk = now().content().read();
                while (chunk != null && chunk != Content.END) {
                    read.append(StandardCharsets.UTF_8.decode(chunk.copy()));
                    chunk.release();
                    chunk = now().content().read();
                }
            } catch (IOException broken) {
                read.append("<broken>");
            }
            return read.toString();
        }

        /** Whether the content came to its proper end. */
        public boolean isWhole() {
            text();
            try {
                return now().content().read() == Content.END;
            } catch (IOException broken) {
                return false;
            }
        }

        public void cancel() {
            now().content().cancel();
        }

        public void assertHit(String text) {
            assertThat(header("X-Cache")).isEqualTo("HIT");
            assertAnswered(200, text);
        }

        public void assertMiss(String text) {
            assertThat(header("X-Cache")).isEqualTo("MISS");
            assertAnswered(200, text);
        }

        public void assertAnswered(int status, String text) {
            assertThat(status()).isEqualTo(status);
            assertThat(text()).isEqualTo(text);
            assertThat(isWhole()).isTrue();
        }
    }
}
