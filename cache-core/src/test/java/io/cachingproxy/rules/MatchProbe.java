package io.cachingproxy.rules;

import io.cachingproxy.http.RequestHead;
import java.util.List;

/** Asks a match whether the request decides it, for benchmarks outside of this package. */
public final class MatchProbe {
    private final List<Alternative> alternatives;

    public MatchProbe(Match match) {
        this.alternatives = match.alternatives();
    }

    public boolean holds(RequestHead request) {
        for (int i = 0; i < alternatives.size(); i++) {
            if (alternatives.get(i).request().holds(request, null)) {
                return true;
            }
        }
        return false;
    }
}
