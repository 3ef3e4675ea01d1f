package io.cachingproxy.policy;

import io.cachingproxy.http.ResponseHead;

/** The terms for one request. Some are known only with the response, because rules may depend on it. */
public interface RequestTerms {
    /** The terms that do not depend on the response. */
    Terms beforeResponse();

    /** The terms for this response. */
    Terms forResponse(ResponseHead response);
}
