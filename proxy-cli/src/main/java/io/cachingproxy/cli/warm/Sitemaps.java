package io.cachingproxy.cli.warm;

import io.cachingproxy.http.Target;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Adds the URLs of sitemaps to a list. Sitemaps are requested through the proxy, one after the other, each once, only
 * from hosts of the list, to a depth of {@value #MAX_DEPTH}, and at most {@value #MAX_SITEMAPS}. A sitemap that cannot be
 * read is a failure of the tally, and does not end the reading of others. The reading of all ends with one failure at
 * that number of sitemaps, and when the list is full.
 */
public final class Sitemaps {
    static final int MAX_DEPTH = 3;

    /** The limit of requested sitemaps. */
    static final int MAX_SITEMAPS = 1_000;

    private final ProxyClient client;
    private final Pace pace;
    private final UrlList list;
    private final Tally tally;
    private final int most;
    private final Set<Target> requested = new HashSet<>();
    private boolean ended;

    public Sitemaps(ProxyClient client, Pace pace, UrlList list, Tally tally) {
        this(client, pace, list, tally, MAX_SITEMAPS);
    }

    Sitemaps(ProxyClient client, Pace pace, UrlList list, Tally tally, int most) {
        this.most = most;
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
        Reading reading = new Reading(1, true);
        read(file.toString(), reading, () -> {
            try (InputStream content = Files.newInputStream(file)) {
                Sitemap.read(content, reading);
            }
        });
    }

    private void follow(Target sitemap, int depth) throws InterruptedException {
        if (ended || requested.contains(sitemap)) {
            return;
        }
        if (requested.size() >= most) {
            end(sitemap.url(), "more than " + most + " sitemaps: the others are not read");
            return;
        }
        requested.add(sitemap);
        if (!pace.await()) {
            return;
        }
        Reading reading = new Reading(depth, false);
        read(sitemap.url(), reading, () -> {
            try (ProxyClient.Download download = client.download(sitemap)) {
                pace.whenStopped(download::abort);
                Sitemap.read(download.content(), reading);
            }
        });
    }

    /** The reading of one sitemap. */
    private interface Task {
        void run() throws IOException, InterruptedException;
    }

    /** Reads a sitemap, and then the sitemaps that it lists. */
    private void read(String name, Reading reading, Task task) throws InterruptedException {
        try {
            task.run();
        } catch (UrlList.Full e) {
            end(name, e.getMessage() + ": the others are not requested");
        } catch (IOException e) {
            if (!pace.isStopped()) {
                tally.addFailure(name, message(e));
            }
        }
        for (Target sitemap : reading.sitemaps) {
            follow(sitemap, reading.depth + 1);
        }
    }

    private void end(String name, String why) {
        ended = true;
        tally.addFailure(name, why);
    }

    private static String message(IOException e) {
        String message = e.getMessage();
        return e instanceof NoSuchFileException
                ? "no such file"
                : message == null ? e.getClass().getSimpleName() : message;
    }

    /** The locations of one sitemap. */
    private final class Reading implements Sitemap.Locations {
        private final int depth;
        private final boolean given;

        /** The sitemaps of an index that are not requested yet; not more than there may be. */
        private final Set<Target> sitemaps = new LinkedHashSet<>();

        /** @param given whether the operator gives the sitemap: its hosts may be requested */
        Reading(int depth, boolean given) {
            this.depth = depth;
            this.given = given;
        }

        @Override
        public void add(String location, boolean index) throws IOException {
            if (index && depth >= MAX_DEPTH) {
                throw new IOException("sitemap indexes are nested more than " + MAX_DEPTH + " deep");
            }
            try {
                Target url = given ? list.allow(location) : UrlList.parse(location);
                if (!list.allows(url)) {
                    tally.addSkipped();
                } else if (!index) {
                    list.add(url);
                } else if (sitemaps.size() <= most && !requested.contains(url)) {
                    sitemaps.add(url);
                }
            } catch (UrlList.Malformed e) {
                tally.addFailure(e.url(), "not an absolute http or https URL");
            }
        }
    }
}
