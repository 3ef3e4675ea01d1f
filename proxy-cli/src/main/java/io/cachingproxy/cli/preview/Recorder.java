package io.cachingproxy.cli.preview;

import io.cachingproxy.CacheListener;
import io.cachingproxy.CacheRequest;
import io.cachingproxy.CacheStatus;
import io.cachingproxy.ContentListener;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.jetty.events.AnsweredRequest;
import io.cachingproxy.jetty.events.RequestListener;
import io.cachingproxy.key.CacheKey;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Records the heads of recent requests and responses in bounded memory, to replay them with another configuration; and the
 * digests of recent bodies of origins, for {@link KeyAdvice}.
 *
 * <p>All requests to a path are recorded, or none, so that the hit ratio of what is recorded is that of the traffic: the
 * paths are chosen by a hash, and fewer are chosen while there are many requests. Heads contain credentials: they stay in
 * this process, and no part of the admin API shows them.
 */
public final class Recorder implements RequestListener, CacheListener {
    /** Maximum number of recorded requests. */
    static final int MOST = 4_000;

    private static final int ALL = 1 << 16;
    private static final int LONGEST_HEADS = 8 * 1024;
    private static final int MOST_RESPONSES = 4_000;
    private static final long WINDOW = TimeUnit.SECONDS.toNanos(10);
    private static final int MOST_IN_WINDOW = 1_000;
    private static final Set<String> OF_THE_CACHE = Set.of("age", "cache-status", "x-cache", "content-length");

    /** Limit of the inputs of all samples. */
    private static final int MOST_INPUTS = 40_000;

    /** The longest body that is digested, in bytes. */
    private static final long LONGEST_BODY = 1 << 20;

    private record Entry(Recorded recorded, int path) {}

    private final InstantSource clock;

    /** The last responses of origins by key. */
    private final Map<CacheKey, ResponseHead> responses = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<CacheKey, ResponseHead> eldest) {
            return size() > MOST_RESPONSES;
        }
    };

    private final Deque<Entry> entries = new ArrayDeque<>();
    private final Salt salt = new Salt();
    private final Deque<Sample> samples = new ArrayDeque<>();
    private int inputs;
    private long windowBegan;
    private int inWindow;

    /** Paths with a hash below are recorded. */
    private volatile int chosen = ALL;

    /** @param clock the time of the recorded requests */
    public Recorder(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public boolean observesHits() {
        return false;
    }

    @Override
    public void onOriginResponse(CacheRequest request, ResponseHead head, Duration time) {
        if (head.status() != 304
                && path(request.head().target()) < chosen
                && head.headers().length() < LONGEST_HEADS) {
            synchronized (this) {
                responses.put(request.key(), withoutLength(head));
            }
        }
    }

    @Override
    public @Nullable ContentListener onOriginContent(CacheRequest request, ResponseHead head) {
        RequestHead asked = request.head();
        Long length = head.headers().contentLength();
        boolean isSample = head.status() == 200
                && asked.isGet()
                && request.site() != null
                && path(asked.target()) < chosen
                && asked.headers().length() + head.headers().length() < LONGEST_HEADS
                && (length == null || length <= LONGEST_BODY);
        return isSample ? new Sampled(request, head) : null;
    }

    /** A response whose body is digested while it is delivered. */
    private final class Sampled implements ContentListener {
        private final CacheRequest request;
        private final ResponseHead head;
        private final BodyDigest digest = new BodyDigest();
        private boolean tooLong;

        Sampled(CacheRequest request, ResponseHead head) {
            this.request = request;
            this.head = head;
        }

        @Override
        public void onContent(ByteBuffer bytes) {
            tooLong |= digest.length() + bytes.remaining() > LONGEST_BODY;
            if (!tooLong) {
                digest.add(bytes);
            }
        }

        @Override
        public void onEnd(boolean complete) {
            if (complete && !tooLong) {
                keep(Sample.of(request, head, digest.text(), salt));
            }
        }
    }

    private synchronized void keep(Sample sample) {
        samples.add(sample);
        inputs += sample.inputs().size();
        while (samples.size() > MOST || inputs > MOST_INPUTS) {
            inputs -= samples.remove().inputs().size();
        }
    }

    /** The last responses of origins with the digests of their bodies. */
    synchronized List<Sample> samples() {
        return List.copyOf(samples);
    }

    @Override
    public void onAnswered(AnsweredRequest answered) {
        CacheRequest cached = answered.cached();
        CacheStatus status = answered.cacheStatus();
        int path = path(answered.target());
        if (path < chosen && cached != null && status != null) {
            record(answered, cached, path);
        }
    }

    private synchronized void record(AnsweredRequest answered, CacheRequest cached, int path) {
        RequestHead request = cached.head();
        ResponseHead known = responses.get(cached.key());
        ResponseHead response =
                known == null ? withoutLength(new ResponseHead(answered.status(), answered.response())) : known;
        if (request.headers().length() + response.headers().length() > LONGEST_HEADS) {
            return;
        }
        InetAddress client = answered.client();
        entries.add(new Entry(new Recorded(clock.instant(), request, client, response, answered.bytes()), path));
        if (entries.size() > MOST) {
            entries.remove();
        }
        choose(answered.endNanos());
    }

    /** Chooses fewer paths while there are many requests, and more again afterwards. */
    private void choose(long now) {
        inWindow++;
        if (inWindow > MOST_IN_WINDOW) {
            chosen = Math.max(1, chosen / 2);
            entries.removeIf(entry -> entry.path() >= chosen);
        } else if (now - windowBegan < WINDOW) {
            return;
        } else if (inWindow < MOST_IN_WINDOW / 4 && chosen < ALL) {
            chosen *= 2;
            entries.clear(); // what is there lacks the paths that are chosen now
        }
        windowBegan = now;
        inWindow = 0;
    }

    /** The last response of the origin to a request with this key, if it is recorded. */
    public synchronized Optional<ResponseHead> response(CacheKey key) {
        return Optional.ofNullable(responses.get(key));
    }

    /** What is recorded, the oldest first. */
    synchronized List<Recorded> recorded() {
        return entries.stream().map(Entry::recorded).toList();
    }

    /** The share of all paths that is recorded, above 0 to 1. */
    double share() {
        return (double) chosen / ALL;
    }

    private static ResponseHead withoutLength(ResponseHead head) {
        Headers headers = head.headers().without(OF_THE_CACHE);
        return head.withHeaders(headers);
    }

    /** A hash of host and path, without the query: so that keys which differ in the query are recorded together. */
    private static int path(Target target) {
        String text = target.pathAndQuery();
        int end = text.indexOf('?');
        int hash = target.authority().hashCode();
        for (int i = 0; i < (end < 0 ? text.length() : end); i++) {
            hash = 31 * hash + text.charAt(i);
        }
        return (hash * 0x9E3779B9) >>> 16;
    }
}
