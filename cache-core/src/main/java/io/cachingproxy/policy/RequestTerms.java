package io.cachingproxy.policy;

import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.fields.Tags;
import java.util.Set;

/** The terms for one request. Some are known only with the response, because rules may depend on it. */
public interface RequestTerms {
    /** The terms that do not depend on the response. */
    Terms beforeResponse();

    /** The terms for this response. */
    Terms forResponse(ResponseHead response);

    /** The tags of this response for purges; by default those of its header fields. */
    default Set<String> tags(ResponseHead response) {
        return Tags.of(response.headers());
    }
}
