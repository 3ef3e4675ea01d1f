package io.cachingproxy.policy;

import io.cachingproxy.http.ResponseHead;

/** The terms for one request: known in part before there is a response, since rules may depend on the response. */
public interface RequestTerms {
    /** What holds whatever the response is. */
    Terms beforeResponse();

    /** What holds for this response. */
    Terms forResponse(ResponseHead response);
}
