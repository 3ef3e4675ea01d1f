package io.cachingproxy.origin;

import io.cachingproxy.http.Headers;

/** Fields that a request to the origin reports besides its own, and how the response depends on them. */
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

    /** The fields to be added to those of the request. */
    Headers fields();

    /** The headers of the response, with what they depend on named in Vary. */
    Headers selected(Headers response);
}
