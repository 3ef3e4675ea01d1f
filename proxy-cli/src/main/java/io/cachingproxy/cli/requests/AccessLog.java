package io.cachingproxy.cli.requests;

import io.cachingproxy.http.Headers;
import io.cachingproxy.jetty.events.AnsweredRequest;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.jetty.events.RequestListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The access log: one line for each request. Lines are formatted and written by a thread of their own. If it falls
 * behind, because the disk is full or the reader of stdout is slow, lines are lost and counted; requests never wait.
 */
public final class AccessLog implements RequestListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);
    private static final int WAITING = 16 * 1024;
    private static final int BATCH = 512;
    private static final int LONGEST_PATH = 4_096;
    private static final long PATIENCE = TimeUnit.SECONDS.toMillis(5);

    /**
     * The settings of the log.
     *
     * @param file empty: stdout
     * @param sample the share of requests that are logged, above 0 to 1; errors of status 500 and above are always logged
     * @param maxBytes the size at which the file is rotated
     */
    public record Settings(Optional<Path> file, LogFormat format, double sample, long maxBytes, List<String> redact) {}

    private record Event(AnsweredRequest request, Instant time) {}

    private final BlockingQueue<Event> waiting = new ArrayBlockingQueue<>(WAITING);
    private final LongAdder lost = new LongAdder();
    private final Settings settings;
    private final Redaction redaction;
    private final InstantSource clock;
    private final LogOutput output;
    private final Thread writer = new Thread(this::write, "access-log");
    private volatile boolean reopens;
    private volatile boolean closed;
    private boolean failing;

    /**
     * Opens the log.
     *
     * @throws IOException if the file cannot be written
     */
    public AccessLog(Settings settings, InstantSource clock) throws IOException {
        this.settings = settings;
        this.redaction = new Redaction(settings.redact());
        this.clock = clock;
        this.output = new LogOutput(settings.file().orElse(null), settings.maxBytes());
        writer.setDaemon(true);
        writer.start();
    }

    @Override
    public void onAnswered(AnsweredRequest request) {
        boolean logged = settings.sample() >= 1
                || request.status() >= 500
                || ThreadLocalRandom.current().nextDouble() < settings.sample();
        if (logged && !waiting.offer(new Event(request, clock.instant()))) {
            lost.increment();
        }
    }

    /** Number of lines that were lost. */
    public long lost() {
        return lost.sum();
    }

    /** Opens the file by its name again before the next line, for programs that rotate it themselves. */
    public void reopen() {
        reopens = true;
    }

    private void write() {
        List<Event> events = new ArrayList<>(BATCH);
        while (!closed || !waiting.isEmpty()) {
            try {
                Event next = waiting.poll(200, TimeUnit.MILLISECONDS);
                if (next != null) {
                    events.add(next);
                    waiting.drainTo(events, BATCH - 1);
                    write(events);
                    events.clear();
                }
            } catch (InterruptedException stopping) {
                return; // closed while the output blocks
            }
        }
    }

    private void write(List<Event> events) {
        try {
            if (reopens) {
                reopens = false;
                output.reopen();
            }
            output.write(lines(events));
            if (failing) {
                failing = false;
                LOG.info("The access log is written again; {} lines were lost since the start", lost());
            }
        } catch (IOException failure) {
            lost.add(events.size());
            if (!failing) {
                failing = true;
                LOG.warn("The access log cannot be written, lines are lost: {}", failure.toString());
            }
        }
    }

    private byte[] lines(List<Event> events) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream(events.size() * 256);
        for (Event event : events) {
            Headers headers = event.request().headers();
            RequestRecord request = RequestRecord.of(event.request(), event.time(), redaction, LONGEST_PATH);
            String referer = headers.first("Referer");
            String line =
                    settings.format().line(request, referer == null ? null : redaction.redacted(referer), headers);
            lines.writeBytes((line + '\n').getBytes(StandardCharsets.UTF_8));
        }
        return lines.toByteArray();
    }

    /** Writes what is waiting, unless the output blocks, and closes the file. */
    @Override
    public void close() {
        closed = true;
        try {
            writer.join(PATIENCE);
            writer.interrupt();
            output.close();
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        } catch (IOException failure) {
            LOG.warn("The access log was not closed: {}", failure.toString());
        }
    }
}
