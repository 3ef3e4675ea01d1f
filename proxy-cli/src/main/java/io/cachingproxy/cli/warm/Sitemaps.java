package io.cachingproxy.cli.warm;

import io.cachingproxy.http.Target;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Adds the URLs of sitemaps to a list. Sitemaps are requested through the proxy, one after the other, each once, only
 * from hosts of the list, and to a depth of {@value #MAX_DEPTH}. A sitemap that cannot be read is a failure of the tally,
 * and does not end the reading of others.
 */
public final class Sitemaps {
    static final int MAX_DEPTH = 3;

    private static final long TICK_MILLIS = 100;

    private final ProxyClient client;
    private final Pace pace;
    private final UrlList list;
    private final Tally tally;
    private final Set<Target> read = new HashSet<>();

    public Sitemaps(ProxyClient client, Pace pace, UrlList list, Tally tally) {
        this.client = client;
        this.pace = pace;
        this.list = list;
        this.tally = tally;
    }

    /**
     * Reads a sitemap at a URL, whose host may be requested.
     *
     * @throws IllegalArgumentException unless it is an absolute http or https URL
     */
    public void url(String url) throws InterruptedException {
        follow(list.allow(url), 1);
    }

    /** Reads a sitemap in a file; hosts in it may be requested. */
    public void file(Path file) throws InterruptedException {
        try (InputStream content = Files.newInputStream(file)) {
            byte[] bytes = content.readNBytes(Sitemap.MAX_BYTES + 1);
            add(Sitemap.parse(bytes), 1, true);
        } catch (IOException | IllegalArgumentException e) {
            tally.addFailure(file.toString(), message(e));
        }
    }

    private void follow(Target sitemap, int depth) throws InterruptedException {
        if (!read.add(sitemap) || !pace.await()) {
            return;
        }
        ProxyClient.Read answer = awaited(client.read(sitemap, Sitemap.MAX_BYTES));
        if (answer == null) {
            return;
        }
        String failure = answer.answer().failure();
        try {
            if (failure != null) {
                throw new IOException(failure);
            } else if (answer.answer().status() != 200) {
                throw new IOException("status " + answer.answer().status());
            }
            add(Sitemap.parse(answer.content()), depth, false);
        } catch (IOException | IllegalArgumentException e) {
            tally.addFailure(sitemap.url(), message(e));
        }
    }

    /** Waits for the answer; null after a stop. */
    private ProxyClient.@Nullable Read awaited(CompletableFuture<ProxyClient.Read> reading)
            throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        reading.whenComplete((answer, never) -> done.countDown());
        while (!pace.isStopped()) {
            if (done.await(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
                return reading.join();
            }
        }
        return null;
    }

    private void add(Sitemap sitemap, int depth, boolean given) throws InterruptedException {
        if (sitemap.index() && depth >= MAX_DEPTH) {
            throw new IllegalArgumentException("sitemap indexes are nested more than " + MAX_DEPTH + " deep");
        }
        for (String location : sitemap.locations()) {
            try {
                Target url = given ? list.allow(location) : UrlList.parse(location);
                if (!list.allows(url)) {
                    tally.addSkipped();
                } else if (sitemap.index()) {
                    follow(url, depth + 1);
                } else {
                    list.add(url);
                }
            } catch (UrlList.Malformed e) {
                tally.addFailure(e.url(), "not an absolute http or https URL");
            }
        }
    }

    private static String message(Exception e) {
        return e instanceof NoSuchFileException ? "no such file" : String.valueOf(e.getMessage());
    }
}
