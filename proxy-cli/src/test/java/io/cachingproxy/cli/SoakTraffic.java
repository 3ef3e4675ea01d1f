package io.cachingproxy.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Clients of all kinds, each of which looks at every byte that it gets. */
final class SoakTraffic {
    private static final int CLIENTS = 16;
    private static final int SLOW_READERS = 2;

    private final SoakOrigin origin;
    private final int port;
    /** The version that a POST which was answered made; what is asked for later must not be older. */
    private final Map<String, Long> confirmed = new ConcurrentHashMap<>();

    private final AtomicInteger cold = new AtomicInteger();
    final AtomicLong done = new AtomicLong();
    final AtomicLong hits = new AtomicLong();
    final AtomicLong aborted = new AtomicLong();
    final AtomicLong originsFault = new AtomicLong();
    final ConcurrentLinkedQueue<String> errors = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();

    SoakTraffic(SoakOrigin origin, int port) {
        this.origin = origin;
        this.port = port;
    }

    /**
     * Runs for so long, and returns the requests per second.
     *
     * @param perSecond how many requests to begin in a second; as many as there can be if infinite
     */
    double run(long millis, double perSecond) throws InterruptedException {
        long before = done.get();
        long begin = System.nanoTime();
        long end = begin + millis * 1_000_000;
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < CLIENTS + SLOW_READERS; i++) {
            long seed = i;
            long gap = (long) (CLIENTS * 1e9 / perSecond);
            Thread thread = i < CLIENTS
                    ? new Thread(() -> ask(new Random(seed), end, gap))
                    : new Thread(() -> readSlowly(new Random(seed), end));
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return (done.get() - before) * 1e9 / (System.nanoTime() - begin);
    }

    private void ask(Random random, long end, long gap) {
        SoakConnection connection = null;
        for (long next = System.nanoTime(); System.nanoTime() < end; next += gap) {
            LockSupport.parkNanos(next - System.nanoTime());
            connection = one(connection, random);
        }
        if (connection != null) {
            connection.close();
        }
    }

    /** One request of any kind; returns the connection if it can be used again. */
    private SoakConnection one(SoakConnection open, Random random) {
        int kind = random.nextInt(100);
        if (kind < 60) {
            return get(open, "/hot/" + random.nextInt(200), "", 0);
        }
        if (kind < 70) {
            return get(open, "/cold/" + cold.incrementAndGet(), "", 0);
        }
        if (kind < 78) {
            return get(open, "/reval/" + random.nextInt(50), "", 0);
        }
        if (kind < 86) {
            int from = random.nextInt(400_000);
            String range = "Range: bytes=" + from + '-' + (from + random.nextInt(100_000)) + "\r\n";
            return get(open, "/big/" + random.nextInt(10), range, from);
        }
        if (kind < 94) {
            return get(open, "/post/" + random.nextInt(20), "", 0);
        }
        if (kind < 96) {
            return post(open, (random.nextBoolean() ? "/post/" : "/reval/") + random.nextInt(20));
        }
        if (kind < 98) {
            abort((random.nextBoolean() ? "/big/" : "/cold/a") + random.nextInt(10), random.nextInt(3));
            return open;
        }
        return get(open, "/flaky/" + random.nextInt(20), "", 0);
    }

    private SoakConnection get(SoakConnection open, String path, String fields, int from) {
        return exchange(open, "GET", path, fields, from, 0);
    }

    private SoakConnection post(SoakConnection open, String path) {
        return exchange(open, "POST", path, "", 0, 0);
    }

    private SoakConnection exchange(
            SoakConnection open, String method, String path, String fields, int from, long restMillis) {
        long begun = System.nanoTime();
        long atLeast = confirmed.getOrDefault(path, 1L);
        SoakConnection connection = open;
        try {
            connection = connection == null ? new SoakConnection(port) : connection;
            SoakConnection.Head head = connection.ask(method, path, fields);
            byte[] body = connection.body(head, restMillis);
            done.incrementAndGet();
            hits.addAndGet(head.isHit() ? 1 : 0);
            if (head.status() >= 400) {
                failed(method + ' ' + path + ": " + head, path, begun);
            } else if (method.equals("POST")) {
                confirmed.merge(path, head.version(), Math::max);
            } else {
                verify(path, head, body, from, atLeast);
            }
            if (!head.closes()) {
                return connection;
            }
        } catch (IOException broken) {
            failed(method + ' ' + path + ": " + broken, path, begun);
        }
        if (connection != null) {
            connection.close();
        }
        return null;
    }

    private void verify(String path, SoakConnection.Head head, byte[] body, int from, long atLeast) {
        boolean part = head.status() == 206;
        if (!SoakBody.matches(path, head.version(), part ? from : 0, body, !part)) {
            wrong.add(path + " from " + from + ": " + body.length + " bytes that are not those of " + head);
        } else if (head.version() < atLeast) {
            wrong.add(path + ": older than version " + atLeast + ", which a POST had made before: " + head);
        }
    }

    private void failed(String what, String path, long begun) {
        if (path.startsWith("/flaky") && origin.failedSince(path, begun)) {
            originsFault.incrementAndGet();
        } else {
            errors.add(what);
        }
    }

    /** Goes before the head, after it, or in the middle of the body. */
    private void abort(String path, int when) {
        aborted.incrementAndGet();
        try (SoakConnection connection = new SoakConnection(port)) {
            if (when == 0) {
                connection.send("GET", path, "");
            } else {
                connection.ask("GET", path, "");
            }
        } catch (IOException broken) {
            errors.add("GET " + path + ", to be aborted: " + broken);
        }
    }

    private void readSlowly(Random random, long end) {
        SoakConnection connection = null;
        while (System.nanoTime() < end) {
            connection = exchange(connection, "GET", "/big/" + random.nextInt(10), "", 0, 50);
        }
        if (connection != null) {
            connection.close();
        }
    }
}
