package io.cachingproxy.origin;

import io.cachingproxy.http.Headers;

/** Fields that are added to a request to the origin, such as X-Forwarded-For, and their effect on the response. */
public interface AddedFields {
    /** No fields. */
    AddedFields NONE = new AddedFields() {
        @Override
        public Headers fields() {
            return Headers.EMPTY;
        }

        @Override
        public Headers selected(Headers response) {
            return response;
        }
    };

    /** The added request fields. */
    Headers fields();

    /** The response headers, with Vary extended by the added fields that select the response. */
    Headers selected(Headers response);
}
