package io.cachingproxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.store.BodyMemory;
import io.cachingproxy.store.parts.MemoryBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Pushes into a flight, and counts what comes back: releases, demands for more, aborts. */
abstract class FlightDriver {
    static final int WINDOW = 256 * 1024;

    final BodyMemory memory = BodyMemory.onHeap(256 << 20);
    final Flight flight = new Flight(memory, Runnable::run);
    final List<AtomicInteger> releases = new ArrayList<>();
    final AtomicInteger asked = new AtomicInteger();
    final AtomicInteger aborts = new AtomicInteger();

    FlightDriver() {
        flight.onAbort(aborts::incrementAndGet);
    }

    /** Keeps the body, as long as it is no longer than this. */
    void keep(long announced, long longest) {
        flight.keep(announced, longest, bytes -> true);
    }

    /** Pushes a chunk whose releases are counted; the producer is asked for more through {@code asked}. */
    void push(int length) {
        push(length, false);
    }

    /** Pushes a chunk, as {@link #push(int)} does; the end may follow at once. */
    void push(int length, boolean last) {
        AtomicInteger released = new AtomicInteger();
        releases.add(released);
        flight.push(
                new Chunk(ByteBuffer.allocate(length), released::incrementAndGet),
                length,
                last,
                asked::incrementAndGet);
    }

    void end(Headers trailers) {
        MemoryBody body = flight.complete();
        flight.end(trailers);
        assertThat(body == null || body.length() == flight.received()).isTrue();
    }

    void assertEachReleasedOnce() {
        assertThat(releases).allSatisfy(released -> assertThat(released).hasValue(1));
    }

    /** Reads and releases what is there; how many bytes that were. */
    static long drain(Content reader) throws IOException {
        long bytes = 0;
        for (Chunk chunk = reader.read(); chunk != null && chunk != Content.END; chunk = reader.read()) {
            bytes += chunk.length();
            chunk.release();
        }
        return bytes;
    }
}
