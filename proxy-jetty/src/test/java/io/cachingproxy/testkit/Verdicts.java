package io.cachingproxy.testkit;

import static org.assertj.core.api.Assertions.assertThat;

/** What the cache did, in one word. */
public final class Verdicts {
    private Verdicts() {}

    /** The body came from the store, fresh. */
    public static Reply assertHit(Reply reply) {
        assertThat(reply.header("X-Cache")).as(reply.toString()).isEqualTo("HIT");
        assertThat(reply.header("Cache-Status")).contains("; hit");
        return reply;
    }

    /** The origin's response was forwarded, and stored. */
    public static Reply assertStored(Reply reply) {
        assertThat(reply.header("X-Cache")).as(reply.toString()).isEqualTo("MISS");
        assertThat(reply.header("Cache-Status")).contains("; stored");
        return reply;
    }

    /** The origin's response was forwarded, and not stored. */
    public static Reply assertForwarded(Reply reply) {
        assertThat(reply.header("X-Cache")).as(reply.toString()).isEqualTo("MISS");
        assertThat(reply.header("Cache-Status")).contains("; fwd=").doesNotContain("; stored");
        return reply;
    }

    /** The origin confirmed what was stored. */
    public static Reply assertRevalidated(Reply reply) {
        assertThat(reply.header("X-Cache")).as(reply.toString()).isEqualTo("HIT");
        assertThat(reply.header("Cache-Status")).contains("; fwd-status=304");
        return reply;
    }

    /** The origin failed, and the client was told so. */
    public static Reply assertFailed(Reply reply, int status) {
        assertThat(reply.status()).as(reply.toString()).isEqualTo(status);
        assertThat(reply.header("Cache-Control")).isEqualTo("no-store");
        return reply;
    }
}
