package io.cachingproxy.rules;

import io.cachingproxy.http.ResponseHead;
import java.util.List;

/** A condition on the response. Immutable. */
interface ResponseTest {
    /** Holds for every response. */
    ResponseTest ALWAYS = response -> true;

    boolean holds(ResponseHead response);

    default ResponseTest negated() {
        return response -> !holds(response);
    }

    default ResponseTest and(ResponseTest other) {
        if (this == ALWAYS) {
            return other;
        }
        return other == ALWAYS ? this : response -> holds(response) && other.holds(response);
    }

    /** The disjunction of these tests. */
    static ResponseTest any(List<ResponseTest> tests) {
        return response -> {
            for (int i = 0; i < tests.size(); i++) {
                if (tests.get(i).holds(response)) {
                    return true;
                }
            }
            return false;
        };
    }
}
