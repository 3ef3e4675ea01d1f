package io.cachingproxy;

import io.cachingproxy.http.Content;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Reason;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves requests for callers with an {@link Origin}, to which the cache can send a request more than once. */
final class Serving {
    private static final Logger LOG = LoggerFactory.getLogger(HttpCache.class);

    private final HttpCache cache;
    private final LookupPath lookups;

    Serving(HttpCache cache, LookupPath lookups) {
        this.cache = cache;
        this.lookups = lookups;
    }

    /** Answers {@code request} from the store or from {@code origin}; never fails. */
    CompletionStage<Answer> serve(
            CacheRequest request, Content body, Origin origin, Interim interim, Consumer<Decision> decided) {
        RequestHead head = request.head();
        CompletionStage<Answer> answer = head.method().equals("QUERY") && head.hasBody()
                ? QueryContent.read(head, body)
                        .thenCompose(query ->
                                answered(request.with(query.head()), query.content(), origin, interim, decided))
                : answered(request, body, origin, interim, decided);
        return answer.exceptionally(this::broken);
    }

    /** The answer after a failure of the cache itself: an error response, so that no request waits forever. */
    private Answer broken(Throwable failure) {
        LOG.warn("A request failed", failure);
        CacheStatus status = CacheStatus.failed(null, Reason.ORIGIN_FAILED);
        return cache.answers().error(500, "the cache failed", status, cache.now());
    }

    private CompletionStage<Answer> answered(
            CacheRequest request, Content body, Origin origin, Interim interim, Consumer<Decision> decided) {
        return lookups.opened(request, true, decided).thenCompose(step -> {
            if (step instanceof Step.Forward forward) {
                forward.exchange().onInterims(interim);
                return forward.exchange().fetch(origin, body);
            }
            Step.Answered answered = (Step.Answered) step;
            Exchange refresh =
                    answered.refresh() == null ? null : answered.refresh().begin();
            if (refresh != null) {
                refresh.refresh(origin);
            }
            return answered.far() == null
                    ? CompletableFuture.completedFuture(answered.answer())
                    : RemoteAnswers.begun(cache, request, origin, answered.answer(), answered.far());
        });
    }

    /** Answers {@code request} from {@code origin} as if the store were empty, without coalescing. */
    CompletionStage<Answer> fetch(CacheRequest request, Origin origin) {
        Decision decision = request.decide(List.of(), cache.now());
        return decision instanceof Decision.Unsatisfiable unsatisfiable
                ? CompletableFuture.completedFuture(cache.answers().unsatisfiable(unsatisfiable, cache.now()))
                : fetch(request, Content.empty(), origin, decision);
    }

    /** Answers {@code request} from {@code origin}, bypassing the cache. */
    CompletionStage<Answer> bypass(CacheRequest request, Content body, Origin origin) {
        return fetch(request, body, origin, new Decision.Bypass(Reason.BYPASS));
    }

    /** Answers {@code request} from {@code origin}, without coalescing, for the reason of {@code decision}. */
    CompletionStage<Answer> fetch(CacheRequest request, Content body, Origin origin, Decision decision) {
        StoreTime time = cache.guarded().time();
        return new Exchange(cache, request, decision, time).fetch(origin, body);
    }
}
