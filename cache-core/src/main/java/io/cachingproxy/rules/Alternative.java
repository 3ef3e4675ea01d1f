package io.cachingproxy.rules;

/** One alternative of a {@link Match}: holds if both tests pass. */
record Alternative(RequestTest request, ResponseTest response) {
    static final Alternative ALWAYS = new Alternative(RequestTest.ALWAYS, ResponseTest.ALWAYS);

    Alternative and(Alternative other) {
        return new Alternative(request.and(other.request), response.and(other.response));
    }
}
