package io.cachingproxy.cli.preview;

import io.cachingproxy.CacheListener;
import io.cachingproxy.CacheRequest;
import io.cachingproxy.ContentListener;
import io.cachingproxy.HttpCache;
import io.cachingproxy.cli.preview.SiteReport.Comparison;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.metrics.HttpCacheMetrics.Result;
import io.cachingproxy.rules.Site;
import io.cachingproxy.rules.Sites;
import io.cachingproxy.store.Purge;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates shadow sites: what the cache would have done for each request, while every response comes from the origin.
 *
 * <pre>
 *   response of the origin ──▶ client
 *            │ digest of the body, on the thread that delivers it
 *            ▼ at the end of a complete response
 *   a cache of its own, asked the same request ─ hit ──▶ digests compared: right or wrong
 *            │ miss
 *            ▼
 *   head and digest stored
 * </pre>
 *
 * <p>The cache of its own stores heads and digests, no bodies, in bounded memory; it makes the decisions of {@link
 * HttpCache} with the site, rules and key of the request. A body longer than the largest stored object is not stored. So
 * its results are those of a cache with memory enough for all bodies. Requests are evaluated at the end of their
 * responses: a request that would have been coalesced onto the fetch of another counts as a hit.
 *
 * <p>The evaluation runs on the thread that delivers the response, and does not wait for others.
 */
public final class Shadow implements CacheListener, AutoCloseable {
    private final InstantSource clock;
    private final Redaction redaction;
    private final long maxObjectBytes;
    private final MeterRegistry registry;
    private volatile @Nullable Evaluator evaluator;

    /** The reports of the shadow sites in use, by identity: requests of replaced sites are not counted. */
    private volatile Map<Site, SiteReport> reports = Map.of();

    /**
     * @param redaction of the URLs of wrong responses
     * @param maxObjectBytes the longest body that the cache stores
     * @param registry receives the meters {@code cache.shadow.*}
     */
    public Shadow(InstantSource clock, Redaction redaction, long maxObjectBytes, MeterRegistry registry) {
        this.clock = clock;
        this.redaction = redaction;
        this.maxObjectBytes = maxObjectBytes;
        this.registry = registry;
    }

    /** The evaluator, which is created for the first shadow site. */
    private synchronized Evaluator evaluator() {
        Evaluator made = evaluator;
        if (made == null) {
            made = new Evaluator(clock, redaction, maxObjectBytes);
            evaluator = made;
        }
        return made;
    }

    /**
     * Begins new reports for the shadow sites among these. Stored heads and digests are judged by the new rules; if a site
     * is newly a shadow, they are forgotten, because its requests may have changed resources meanwhile.
     */
    public synchronized void sites(Sites sites) {
        Set<String> before = reports.keySet().stream().map(Site::name).collect(Collectors.toSet());
        Map<Site, SiteReport> begun = new IdentityHashMap<>();
        for (Site site : sites.list()) {
            if (site.shadow()) {
                begun.put(site, new SiteReport(site, clock.instant(), registry));
                if (!before.contains(site.name())) {
                    clear();
                }
            }
        }
        reports = begun;
    }

    /** The reports of the shadow sites, in the order of {@code sites}. */
    public Map<String, Object> json(Sites sites) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("sites", shown(sites, SiteReport::json));
        return json;
    }

    /** The counts of the shadow sites, in the order of {@code sites}; empty without shadow sites. */
    public List<Map<String, Object>> summary(Sites sites) {
        return shown(sites, SiteReport::summary);
    }

    private List<Map<String, Object>> shown(Sites sites, Function<SiteReport, Map<String, Object>> report) {
        Map<Site, SiteReport> current = reports;
        return sites.list().stream()
                .map(current::get)
                .flatMap(Stream::ofNullable)
                .map(report)
                .toList();
    }

    @Override
    public boolean observesHits() {
        return false;
    }

    @Override
    public void onPurged(Purge purge) {
        Evaluator made = evaluator;
        if (made != null) {
            made.purge(purge);
        }
    }

    /** Forgets all heads and digests, as the cache was cleared. */
    public void clear() {
        Evaluator made = evaluator;
        if (made != null) {
            made.clear();
        }
    }

    @Override
    public @Nullable ContentListener onOriginContent(CacheRequest request, ResponseHead head) {
        SiteReport report = request.site() == null ? null : reports.get(request.site());
        return report == null ? null : new Observed(request, head, report);
    }

    /** The response of the origin to one request. */
    private final class Observed implements ContentListener {
        private final CacheRequest request;
        private final ResponseHead head;
        private final SiteReport report;
        private final @Nullable BodyDigest digest;
        private long length;

        Observed(CacheRequest request, ResponseHead head, SiteReport report) {
            this.request = request;
            this.head = head;
            this.report = report;
            boolean isWhole = !request.head().isHead() && head.status() != 206 && head.status() != 304;
            this.digest = isWhole ? new BodyDigest() : null;
        }

        @Override
        public void onContent(ByteBuffer bytes) {
            length += bytes.remaining();
            if (digest != null) {
                digest.add(bytes);
            }
        }

        @Override
        public void onEnd(boolean complete) {
            if (!complete) {
                report.onIncomplete();
            } else if (request.head().method().equals("QUERY") && request.head().hasBody()) {
                report.on(Result.BYPASS, Comparison.NOT_COMPARED, length); // its key has a digest of its content
            } else {
                evaluator().evaluate(request, head, digest, length, report);
            }
        }
    }

    /** Bytes of memory of heads and digests. */
    long storedBytes() {
        return evaluator().storedBytes();
    }

    @Override
    public void close() {
        Evaluator made = evaluator;
        if (made != null) {
            made.close();
        }
    }
}
