package io.cachingproxy.cli.preview;

import io.cachingproxy.Answer;
import io.cachingproxy.CacheRequest;
import io.cachingproxy.Exchange;
import io.cachingproxy.HttpCache;
import io.cachingproxy.cli.preview.SiteReport.Comparison;
import io.cachingproxy.cli.text.Cut;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.metrics.HttpCacheMetrics.Result;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A cache of heads and digests, without bodies, that is asked the requests of shadow sites. Its answers are compared with
 * the responses of the origin. The decisions are those of {@link HttpCache}.
 */
final class Evaluator implements AutoCloseable {
    /** The size of the cache: a 32nd of the heap, at most 64 MiB. */
    static final long MEMORY = Math.min(64L << 20, Runtime.getRuntime().maxMemory() / 32);

    private static final int MAX_URL = 1_024;
    private static final int MAX_METHOD = 32;
    private static final int MAX_DIFFERING = 20;

    /** Fields of a head that describe the body, which is not stored. */
    private static final Set<String> OF_THE_BODY = Set.of("content-length", "content-range");

    /** Fields that a 304 leaves out (RFC 9110 §15.4.5). */
    private static final Set<String> NOT_IN_304 = Set.of("content-type", "content-encoding", "content-language");

    private final InstantSource clock;
    private final Redaction redaction;
    private final long maxObjectBytes;
    private final Salt salt = new Salt();
    private final HttpCache cache;

    /**
     * @param redaction of the URLs of wrong responses
     * @param maxObjectBytes the longest body of a response that is stored
     */
    Evaluator(InstantSource clock, Redaction redaction, long maxObjectBytes) {
        this.clock = clock;
        this.redaction = redaction;
        this.maxObjectBytes = maxObjectBytes;
        this.cache = HttpCache.builder()
                .store(new MemoryStore(MEMORY, MEMORY))
                .clock(clock)
                .executor(Runnable::run)
                .build();
    }

    /**
     * Evaluates a request at the end of the complete response of the origin. Does not block.
     *
     * @param digest of the body; null if it is not known
     * @param length of the content that the origin has sent, in bytes
     */
    void evaluate(
            CacheRequest request, ResponseHead head, @Nullable BodyDigest digest, long length, SiteReport report) {
        Stamp sent = digest == null
                ? null
                : Stamp.of(
                        clock.instant(),
                        head,
                        digest.text(),
                        digest.length(),
                        RequestFields.of(request.head().headers(), salt));
        new Evaluation(request, head, sent, length, report).begin();
    }

    void purge(Purge purge) {
        cache.store().purge(purge);
    }

    void clear() {
        cache.store().clear();
    }

    /** Bytes of memory of heads and digests. */
    long storedBytes() {
        return cache.store().bytes();
    }

    @Override
    public void close() {
        cache.close();
    }

    /** One request: the question to the cache, and the comparison of its answer with the response of the origin. */
    private final class Evaluation {
        private final CacheRequest request;
        private final ResponseHead head;
        private final @Nullable Stamp sent;
        private final long length;
        private final SiteReport report;
        private final AtomicReference<@Nullable Decision> decision = new AtomicReference<>();

        /** @param sent the response of the origin; null if its body is not known */
        Evaluation(CacheRequest request, ResponseHead head, @Nullable Stamp sent, long length, SiteReport report) {
            this.request = request;
            this.head = head;
            this.sent = sent;
            this.length = length;
            this.report = report;
        }

        void begin() {
            CompletableFuture<Void> end = cache.serve(
                            WholeRequest.of(request),
                            Content.empty(),
                            (forward, body, exchange) -> respond(forward, exchange),
                            (status, headers) -> {},
                            decision::set)
                    .thenAccept(this::answered)
                    .toCompletableFuture();
            if (end.isDone()) {
                end.join(); // a defect is logged by the cache that calls the listener
            }
        }

        /** Answers as the origin would: 304 if the validators of the stored response are still those of the origin. */
        private void respond(RequestHead forward, Exchange exchange) {
            Stamp stored = isConditional(forward) ? stored() : null;
            Headers plain = Stamp.removedFrom(head.headers()).without(OF_THE_BODY);
            if (stored != null && stored.isConfirmedBy(head)) {
                exchange.onHead(new ResponseHead(304, plain.without(NOT_IN_304)));
            } else if (sent == null && !request.head().isHead()) {
                exchange.withhold();
                exchange.onHead(new ResponseHead(200, plain));
            } else {
                if (length > longest()) {
                    exchange.withhold();
                }
                exchange.onHead(head.withHeaders(sent == null ? plain : sent.addedTo(plain)));
            }
            exchange.onComplete(Headers.EMPTY);
        }

        private static boolean isConditional(RequestHead forward) {
            return forward.headers().contains("If-None-Match")
                    || forward.headers().contains("If-Modified-Since");
        }

        private @Nullable Stamp stored() {
            Decision made = decision.get();
            StoredResponse stored = made instanceof Decision.Revalidate revalidate
                    ? revalidate.stored()
                    : made instanceof Decision.Stale stale ? stale.stored() : null;
            return stored == null ? null : Stamp.in(stored.head().headers());
        }

        private long longest() {
            return Math.min(maxObjectBytes, request.treatment().response(head).maxObjectBytes());
        }

        private void answered(Answer answer) {
            answer.content().cancel();
            Result made = Result.of(answer.status());
            Result result = made == Result.COLLAPSED ? Result.HIT : made;
            Stamp wouldBe = result.isFromStore() ? Stamp.in(answer.head().headers()) : null;
            Comparison comparison = wouldBe == null ? Comparison.NOT_COMPARED : compared(wouldBe);
            report.on(result, comparison, length);
            if (wouldBe != null && comparison == Comparison.WRONG) {
                report.keep(wrong(result, wouldBe));
            }
        }

        private Comparison compared(Stamp wouldBe) {
            if (head.status() == 304) {
                boolean tagged = !wouldBe.tag().isEmpty() && head.headers().contains("ETag");
                return !tagged ? Comparison.NOT_COMPARED : verdict(wouldBe.isConfirmedBy(head));
            }
            return sent == null || head.isServerError() ? Comparison.NOT_COMPARED : verdict(sent.isSameAs(wouldBe));
        }

        private static Comparison verdict(boolean same) {
            return same ? Comparison.RIGHT : Comparison.WRONG;
        }

        private SiteReport.Wrong wrong(Result result, Stamp wouldBe) {
            Instant now = clock.instant();
            RequestHead asked = request.head();
            List<String> differing =
                    RequestFields.differing(wouldBe.request(), RequestFields.of(asked.headers(), salt)).stream()
                            .limit(MAX_DIFFERING)
                            .toList();
            return new SiteReport.Wrong(
                    now,
                    Cut.at(MAX_METHOD, asked.method()),
                    Cut.at(MAX_URL, redaction.redacted(asked.target().url())),
                    result,
                    Duration.between(wouldBe.time(), now),
                    head.status(),
                    wouldBe.status(),
                    differing,
                    Hint.of(differing, head.headers().contains("Set-Cookie")));
        }
    }
}
