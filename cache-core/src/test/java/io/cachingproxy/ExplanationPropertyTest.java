package io.cachingproxy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Explanations beside behaviour; {@link ExplanationStressIT} compares more of them. */
class ExplanationPropertyTest {
    @Property(tries = 500)
    void what_is_explained_is_what_happens(@ForAll long seed) {
        new ExplainedTraffic(seed).run(10);
    }
}
