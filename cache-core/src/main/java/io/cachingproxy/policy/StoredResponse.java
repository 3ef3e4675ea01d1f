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
 * A stored response (RFC 9111 §1.2): a complete response to a GET, what it was selected by, and how fresh it is.
 *
 * @param head without hop-by-hop fields and without Age
 * @param selection the secondary key
 * @param freshness computed when the response arrived, or was last validated
 * @param body complete, as it came: its length is the Content-Length of the response
 * @param tags by which it can be purged: those of its head ({@link Tags}), or of rules in place of them
 */
public record StoredResponse(ResponseHead head, Selection selection, Freshness freshness, Body body, Set<String> tags) {
    /** One whose tags are those of its head. */
    public StoredResponse(ResponseHead head, Selection selection, Freshness freshness, Body body) {
        this(head, selection, freshness, body, Tags.of(head.headers()));
    }

    /** The entity tag, or null without one. */
    public @Nullable EntityTag entityTag() {
        return EntityTag.of(head.headers());
    }

    /** The Last-Modified field as it came, or null without one. */
    public @Nullable String lastModified() {
        return head.headers().first("Last-Modified");
    }

    /** Whether a conditional request can be made of it (RFC 9111 §4.3.1). */
    public boolean hasValidator() {
        return entityTag() != null || lastModified() != null;
    }

    public boolean isFresh(Instant now) {
        return freshness.isFresh(now);
    }

    /** The same with another view of its body. */
    public StoredResponse withBody(Body view) {
        return new StoredResponse(head, selection, freshness, view, tags);
    }

    /** The same with another body, and a head in less memory: to be kept. */
    public StoredResponse compact(Body kept) {
        ResponseHead compact = new ResponseHead(head.status(), head.headers().compact(), head.cacheControl());
        return new StoredResponse(compact, selection, freshness, kept, tags);
    }

    /** The same with another head and freshness: what validation leaves (RFC 9111 §4.3.4). */
    public StoredResponse freshened(ResponseHead newHead, Freshness newFreshness) {
        return new StoredResponse(newHead, selection, newFreshness, body, tags);
    }
}
