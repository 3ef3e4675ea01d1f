package io.cachingproxy;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The content of an answer to a forwarded request, with the time that the origin took. {@link Events} creates it if
 * there is a listener.
 */
record FetchedContent(Content content, FetchTimer timer) implements Content {
    @Override
    public @Nullable Chunk read() throws IOException {
        return content.read();
    }

    @Override
    public void demand(Runnable ready) {
        content.demand(ready);
    }

    @Override
    public void cancel() {
        content.cancel();
    }

    @Override
    public boolean isCutOff() {
        return content.isCutOff();
    }

    @Override
    public Headers trailers() {
        return content.trailers();
    }
}
