package io.cachingproxy;

import io.cachingproxy.Explanation.Step;
import io.cachingproxy.Explanation.Variant;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.fields.Masking;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.policy.Trail;
import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The recorded steps of one decision. */
final class Trace implements Trail {
    private static final Set<String> CREDENTIALS = Set.of("authorization", "cookie");

    private record Made(Reason reason, Effect effect) {}

    private final List<Made> made = new ArrayList<>();
    private final Map<StoredResponse, Reason> passedOver = new IdentityHashMap<>();
    private @Nullable StoredResponse selected;

    @Override
    public void step(Reason reason, Effect effect) {
        made.add(new Made(reason, effect));
    }

    @Override
    public void passedOver(StoredResponse stored, Reason why) {
        passedOver.put(stored, why);
    }

    @Override
    public void selected(StoredResponse stored) {
        selected = stored;
    }

    /** The stored response that the decision is about; null without one. */
    @Nullable
    StoredResponse selected() {
        return selected;
    }

    /** The steps, of which the last one has the reason of the result. */
    List<Step> steps(Reason result, Function<Reason, String> inputs) {
        List<Step> steps = new ArrayList<>();
        made.forEach(each -> steps.add(new Step(each.reason(), each.effect(), inputs.apply(each.reason()))));
        steps.add(new Step(result, Effect.APPLIED, inputs.apply(result)));
        return List.copyOf(steps);
    }

    /** A candidate of the decision. */
    Variant variant(StoredResponse stored, Instant now) {
        StoredResponse used = selected;
        boolean isSelected = used != null && used.head() == stored.head();
        StoredResponse shown = used != null && isSelected ? used : stored;
        return new Variant(
                stored.head().status(),
                shown.freshness().age(now),
                shown.freshness().ttl(now),
                selecting(stored),
                isSelected,
                passedOver.get(stored));
    }

    private static Map<String, String> selecting(StoredResponse stored) {
        Headers values = stored.selection().headers();
        Map<String, String> selecting = new LinkedHashMap<>();
        for (String name : stored.selection().names()) {
            String value = values.combined(name);
            String shown = CREDENTIALS.contains(name) ? "present" : Masking.header(name, String.valueOf(value));
            selecting.put(name, value == null ? "absent" : shown);
        }
        return selecting;
    }
}
