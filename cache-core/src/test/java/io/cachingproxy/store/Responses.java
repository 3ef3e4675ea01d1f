package io.cachingproxy.store;

import io.cachingproxy.testkit.StoredResponses;

/** The methods of {@link StoredResponses} for the tests of this module. */
public final class Responses extends StoredResponses {
    private Responses() {}
}
