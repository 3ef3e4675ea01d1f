package io.cachingproxy.cli.admin;

import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;

/** Reports what recorded responses say about the cache key. */
public final class KeyAdviceApi implements AdminRoutes.Group {
    /** The path of the advice. */
    public static final String PATH = "/api/key-advice";

    private static final Duration DEADLINE = Duration.ofSeconds(10);

    private final SoleTask task = SoleTask.within(DEADLINE, "the key advice");
    private final Supplier<Map<String, Object>> advice;

    /** @param advice evaluates what is recorded, as JSON */
    public KeyAdviceApi(Supplier<Map<String, Object>> advice) {
        this.advice = advice;
    }

    @Override
    public void addTo(AdminRoutes routes) {
        routes.get(PATH, exchange -> task.begin(exchange, () -> new SoleTask.Result(200, advice.get())));
    }
}
