package io.cachingproxy.policy;

import io.cachingproxy.http.Body;
import io.cachingproxy.http.EntityTag;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.fields.Tags;
import io.cachingproxy.key.Selection;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A stored response (RFC 9111 §1.2): a complete response to a GET, its secondary key and its freshness.
 *
 * @param head without hop-by-hop fields and without Age
 * @param selection the secondary key
 * @param freshness computed when the response arrived, or was last validated
 * @param body complete and unchanged: its length is the Content-Length of the response
 * @param tags the tags for purges: those of its head ({@link Tags}), or of rules in place of them
 */
public record StoredResponse(ResponseHead head, Selection selection, Freshness freshness, Body body, Set<String> tags) {
    /** Creates a stored response with the tags of its head. */
    public StoredResponse(ResponseHead head, Selection selection, Freshness freshness, Body body) {
        this(head, selection, freshness, body, Tags.of(head.headers()));
    }

    /** The entity tag, or null without one. */
    public @Nullable EntityTag entityTag() {
        return EntityTag.of(head.headers());
    }

    /** The Last-Modified field, unparsed, or null without one. */
    public @Nullable String lastModified() {
        return head.headers().first("Last-Modified");
    }

    /** Whether it has a validator for conditional requests (RFC 9111 §4.3.1). */
    public boolean hasValidator() {
        return entityTag() != null || lastModified() != null;
    }

    public boolean isFresh(Instant now) {
        return freshness.isFresh(now);
    }

    /** A copy with another view of its body. */
    public StoredResponse withBody(Body view) {
        return new StoredResponse(head, selection, freshness, view, tags);
    }

    /** A copy with another body and a compact head, for long-term storage. */
    public StoredResponse compact(Body kept) {
        ResponseHead compact = new ResponseHead(head.status(), head.headers().compact(), head.cacheControl());
        return new StoredResponse(compact, selection, freshness, kept, tags);
    }

    /** A copy with another head and freshness, after validation (RFC 9111 §4.3.4). */
    public StoredResponse freshened(ResponseHead newHead, Freshness newFreshness) {
        return new StoredResponse(newHead, selection, newFreshness, body, tags);
    }
}
