package io.cachingproxy;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.store.BodyMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many threads at one body and at one key, again and again: nobody waits for ever, misses a byte or gets another's. */
class SharingStressIT {
    private static final int ROUNDS = Integer.getInteger("stress.rounds", 5_000);
    private static final int CLIENTS = 6;
    private static final int CHUNKS = 20;

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    /** Runs all at the same moment, and returns what they return. */
    private <T> List<T> together(List<Callable<T>> tasks) throws Exception {
        CyclicBarrier start = new CyclicBarrier(tasks.size());
        List<Future<T>> running = new ArrayList<>();
        for (Callable<T> task : tasks) {
            running.add(threads.submit(() -> {
                start.await();
                return task.call();
            }));
        }
        List<T> results = new ArrayList<>();
        for (Future<T> one : running) {
            results.add(one.get(20, TimeUnit.SECONDS));
        }
        return results;
    }

    /** All text, as it comes; of one who loses patience, a part. */
    private static String text(Content content, int patience) throws Exception {
        StringBuilder text = new StringBuilder();
        for (int left = patience; left > 0; left--) {
            Chunk chunk = content.read();
            if (chunk == Content.END) {
                return text.toString();
            }
            if (chunk == null) {
                CompletableFuture<Void> ready = new CompletableFuture<>();
                content.demand(() -> assertThat(ready.complete(null)).isTrue()); // a demand is answered once
                ready.get(20, TimeUnit.SECONDS);
            } else {
                text.append(StandardCharsets.US_ASCII.decode(chunk.copy()));
                chunk.release();
            }
        }
        content.cancel();
        return text.toString();
    }

    private static String whole() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < CHUNKS; i++) {
            text.append(i).append(' ');
        }
        return text.toString();
    }

    @Test
    void readers_of_a_kept_body_get_all_of_it_whenever_they_join_and_whoever_leaves() throws Exception {
        String whole = whole();
        for (int round = 0; round < ROUNDS; round++) {
            Flight flight = new Flight(BodyMemory.onHeap(64 << 20), threads);
            flight.keep(round % 2 == 0 ? -1 : whole.length(), 1 << 20, bytes -> true);
            AtomicInteger aborts = new AtomicInteger();
            flight.onAbort(aborts::incrementAndGet);
            List<Callable<String>> tasks = new ArrayList<>();
            tasks.add(() -> produce(flight));
            for (int i = 0; i < CLIENTS; i++) {
                int patience = i == 0 ? 5 : Integer.MAX_VALUE;
                tasks.add(() -> text(flight.join(), patience));
            }
            List<String> read = together(tasks);
            assertThat(read.subList(2, read.size())).allMatch(whole::equals);
            assertThat(whole).startsWith(read.get(1));
            assertThat(aborts).hasValue(0);
        }
    }

    private static String produce(Flight flight) {
        AtomicInteger asked = new AtomicInteger();
        for (int i = 0; i < CHUNKS; i++) {
            Chunk chunk = chunk(i + " ");
            flight.push(chunk, chunk.length(), i == CHUNKS - 1, asked::incrementAndGet);
        }
        flight.complete();
        flight.end(Headers.EMPTY);
        assertThat(asked).hasValue(CHUNKS); // a kept body waits for nobody
        return "";
    }

    private static Chunk chunk(String text) {
        return Chunk.of(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void concurrent_misses_have_one_leader_and_everyone_is_answered_whatever_the_origin_does() throws Exception {
        HttpCache cache = HttpCache.builder().policy(Policy.rfc9111()).build();
        Random random = new Random(1);
        for (int round = 0; round < ROUNDS; round++) {
            int fate = random.nextInt(4);
            AtomicInteger asked = new AtomicInteger();
            Origin origin = (request, body, exchange) -> {
                String mine = "answer " + asked.incrementAndGet();
                threads.execute(() -> answer(exchange, fate, mine));
            };
            String path = "/" + round;
            List<Callable<String>> tasks = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                tasks.add(() -> ask(cache, path, origin));
            }
            List<String> answers = together(tasks);
            if (fate == 0) {
                assertThat(asked).as("requests at the origin").hasValue(1);
                assertThat(answers).containsOnly("200 answer 1");
            } else if (fate == 1) {
                assertThat(answers)
                        .as("private answers")
                        .doesNotHaveDuplicates()
                        .allMatch(it -> it.startsWith("200"));
            } else if (fate == 2) {
                assertThat(answers).allMatch(it -> it.startsWith("502"));
            } else {
                assertThat(answers).allMatch("broken"::equals);
            }
        }
    }

    private static String ask(HttpCache cache, String path, Origin origin) throws Exception {
        Answer answer = cache.serve(get(path).head(), Content.empty(), origin)
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
        try {
            return answer.head().status() + " " + text(answer.content(), Integer.MAX_VALUE);
        } catch (IOException broken) {
            return "broken";
        }
    }

    /** Something for all, something for one alone, nothing, or something that breaks off. */
    private static void answer(Exchange exchange, int fate, String text) {
        if (fate == 2) {
            exchange.onFailure(new OriginException(OriginException.Kind.FAILED, "no", null));
            return;
        }
        exchange.onHead(
                response(200).cacheControl(fate == 1 ? "private" : "max-age=60").head());
        exchange.onBody(chunk(text), () -> {});
        if (fate == 3) {
            exchange.onFailure(new OriginException(OriginException.Kind.FAILED, "no", null));
        } else {
            exchange.onComplete(Headers.EMPTY);
        }
    }
}
