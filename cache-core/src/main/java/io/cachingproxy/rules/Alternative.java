package io.cachingproxy.rules;

/** One of the ways in which a {@link Match} can hold: both tests pass. */
record Alternative(RequestTest request, ResponseTest response) {
    static final Alternative ALWAYS = new Alternative(RequestTest.ALWAYS, ResponseTest.ALWAYS);

    Alternative and(Alternative other) {
        return new Alternative(request.and(other.request), response.and(other.response));
    }
}
