package io.cachingproxy.jetty.hit;

import io.cachingproxy.Answer;
import io.cachingproxy.Interim;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A request that the connection answers with a hit, or leaves to Jetty. */
public record OnlyHit(@Nullable Answer hit) implements HitConnection.Resolved {
    @Override
    public @Nullable CompletionStage<Answer> serve(ByteBuffer content, Interim interim) {
        return null;
    }

    @Override
    public void sent(int status, long bytes, boolean complete) {
        // seen by the client
    }
}
