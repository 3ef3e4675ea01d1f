package io.cachingproxy.store.redis.entries;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.store.StoredEntry;
import io.cachingproxy.store.redis.channel.KnownRemovals;
import io.cachingproxy.store.redis.link.KeyNames;
import io.cachingproxy.store.redis.link.Node;
import io.cachingproxy.store.redis.link.Operation;
import io.cachingproxy.store.redis.link.RedisLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Lists the entries under the prefix in pages, for operators: by SCAN, one master after the other, and by the heads of
 * the entries found. The work of a page is bounded, so a page can be short, or empty, although there is a next one.
 *
 * <p>The keys of one step of a SCAN are sorted, and a page that ends within a step is continued after its last key: an
 * entry that exists all the time is on at least one page, and usually on exactly one.
 */
public final class EntryScan {
    /** Keys that Redis visits in one step. */
    private static final int STEP = 250;

    /** The most steps of a page. */
    private static final int STEPS = 40;

    /** Entries that are read at the same time. */
    private static final int AT_ONCE = 16;

    /** The most bytes of heads on a page. */
    private static final int MOST_BYTES = 1024 * 1024;

    private static final Duration LONGEST = Duration.ofMillis(500);

    private final Node node;
    private final RedisLink link;
    private final KeyNames names;
    private final Heads heads;

    public EntryScan(Node node, KnownRemovals gone) {
        this.node = node;
        this.link = node.link();
        this.names = node.names();
        this.heads = new Heads(node, gone);
    }

    /**
     * Where a page begins.
     *
     * @param master the number of the master
     * @param cursor of SCAN; decimal digits
     * @param after the hash of the last entry of the page before in this step; null if the step was not begun
     */
    record Place(int master, String cursor, @Nullable String after) {
        static final Place START = new Place(0, "0", null);
        private static final Pattern TEXT = Pattern.compile("(\\d{1,4})-(\\d{1,20})(?:-([0-9a-f]{32}))?");

        static Optional<Place> parse(String text) {
            Matcher matcher = TEXT.matcher(text);
            return matcher.matches()
                    ? Optional.of(new Place(Integer.parseInt(matcher.group(1)), matcher.group(2), matcher.group(3)))
                    : Optional.empty();
        }

        @Override
        public String toString() {
            return master + "-" + cursor + (after == null ? "" : "-" + after);
        }
    }

    /** A page; {@code next} is null on the last one. */
    public record Page(List<StoredEntry> entries, @Nullable String next) {}

    /** Whether a text is the {@code next} of a page. */
    public static boolean isPlace(String text) {
        return Place.parse(text).isPresent();
    }

    /**
     * Reads a page.
     *
     * @param after the {@code next} of the page before; empty for the first page
     * @param limit the most entries
     * @param wanted which entries are listed
     * @return fails if Redis does not answer
     */
    public CompletionStage<Page> page(String after, int limit, Predicate<CacheKey> wanted) {
        Place from = after.isEmpty() ? Place.START : Place.parse(after).orElseThrow(IllegalArgumentException::new);
        return new Filling(limit, wanted).step(from);
    }

    /** Reads one entry by the hash of its key. */
    public CompletionStage<Optional<StoredEntry>> entry(String hash) {
        return heads.read(hash).thenApply(Heads.Read::found);
    }

    /** The making of one page. */
    private final class Filling {
        private final int limit;
        private final Predicate<CacheKey> wanted;
        private final List<StoredEntry> found = new ArrayList<>();
        private final long end = System.nanoTime() + LONGEST.toNanos();
        private int steps;
        private int bytes;

        Filling(int limit, Predicate<CacheKey> wanted) {
            this.limit = limit;
            this.wanted = wanted;
        }

        private boolean isFull() {
            return found.size() >= limit || bytes >= MOST_BYTES;
        }

        private boolean isOver() {
            return isFull() || ++steps > STEPS || System.nanoTime() - end >= 0;
        }

        CompletionStage<Page> step(Place place) {
            if (isOver()) {
                return CompletableFuture.completedFuture(new Page(found, place.toString()));
            }
            return link.browse(
                            Operation.SCAN,
                            node.patience(),
                            () -> link.scan(place.master(), place.cursor(), names.entries(), STEP))
                    .thenCompose(scanned -> {
                        String after = place.after();
                        List<String> hashes = scanned.names().stream()
                                .map(names::hash)
                                .flatMap(Optional::stream)
                                .distinct()
                                .filter(hash -> after == null || hash.compareTo(after) > 0)
                                .sorted()
                                .toList();
                        return read(place, hashes, 0).thenCompose(stopped -> {
                            if (stopped != null) {
                                return CompletableFuture.completedFuture(new Page(found, stopped.toString()));
                            }
                            return next(place, scanned);
                        });
                    });
        }

        private CompletionStage<Page> next(Place place, RedisLink.Scanned scanned) {
            if (!scanned.cursor().equals("0")) {
                return step(new Place(place.master(), scanned.cursor(), null));
            }
            return place.master() + 1 < scanned.masters()
                    ? step(new Place(place.master() + 1, "0", null))
                    : CompletableFuture.completedFuture(new Page(found, null));
        }

        /** Reads entries from an index on; the place after the last one if the page is full before their end. */
        private CompletionStage<@Nullable Place> read(Place place, List<String> hashes, int from) {
            if (from >= hashes.size()) {
                return CompletableFuture.completedFuture(null);
            }
            if (isFull()) {
                return CompletableFuture.completedFuture(
                        new Place(place.master(), place.cursor(), from == 0 ? place.after() : hashes.get(from - 1)));
            }
            int to = Math.min(hashes.size(), from + Math.min(AT_ONCE, limit - found.size()));
            List<CompletableFuture<Heads.Read>> reads = hashes.subList(from, to).stream()
                    .map(hash -> heads.read(hash).toCompletableFuture())
                    .toList();
            return CompletableFuture.allOf(reads.toArray(CompletableFuture[]::new))
                    .thenCompose(done -> {
                        for (CompletableFuture<Heads.Read> read : reads) {
                            bytes += read.join().bytes();
                            read.join()
                                    .found()
                                    .filter(entry -> wanted.test(entry.key()))
                                    .ifPresent(found::add);
                        }
                        return read(place, hashes, to);
                    });
        }
    }
}
