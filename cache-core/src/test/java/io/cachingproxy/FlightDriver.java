package io.cachingproxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Pushes into a flight, and counts what comes back: releases, demands for more, aborts. */
abstract class FlightDriver {
    static final Predicate<ByteBuffer> STORES = bytes -> true;
    static final Predicate<ByteBuffer> REFUSES = bytes -> false;

    final Flight flight = new Flight();
    final List<AtomicInteger> releases = new ArrayList<>();
    final AtomicInteger asked = new AtomicInteger();
    final AtomicInteger aborts = new AtomicInteger();

    FlightDriver() {
        flight.onAbort(aborts::incrementAndGet);
    }

    /** Pushes a chunk whose releases are counted; the producer is asked for more through {@code asked}. */
    void push(int length, Predicate<ByteBuffer> store) {
        AtomicInteger released = new AtomicInteger();
        releases.add(released);
        flight.push(new Chunk(ByteBuffer.allocate(length), released::incrementAndGet), store, asked::incrementAndGet);
    }

    void push(int length) {
        push(length, REFUSES);
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
