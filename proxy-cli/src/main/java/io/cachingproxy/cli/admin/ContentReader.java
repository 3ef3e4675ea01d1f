package io.cachingproxy.cli.admin;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.BufferUtil;

/**
 * Reads the content of a request into memory, within the limit of its resource and the {@link Budget} of the listener.
 * The content is copied as it arrives, so that a slow client holds no buffer of the network.
 */
final class ContentReader implements Runnable {
    private final AdminExchange exchange;
    private final Request request;
    private final int longest;
    private final Consumer<String> then;
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();

    /**
     * @param longest limit in bytes
     * @param then receives the content, as UTF-8
     */
    ContentReader(AdminExchange exchange, int longest, Consumer<String> then) {
        this.exchange = exchange;
        this.request = exchange.request();
        this.longest = longest;
        this.then = then;
    }

    @Override
    public void run() {
        AdminRoutes.run(reading -> read(), exchange);
    }

    private void read() {
        while (true) {
            Content.Chunk chunk = request.read();
            if (chunk == null) {
                request.demand(this);
                return;
            }
            if (Content.Chunk.isFailure(chunk)) {
                throw failed(chunk.getFailure());
            }
            try {
                add(chunk);
            } finally {
                chunk.release();
            }
            if (chunk.isLast()) {
                then.accept(content.toString(StandardCharsets.UTF_8));
                return;
            }
        }
    }

    private void add(Content.Chunk chunk) {
        int bytes = chunk.remaining();
        if (content.size() + (long) bytes > longest) {
            throw tooLong(longest);
        }
        if (!exchange.holdContent(bytes)) {
            throw AdminExchange.Refused.later("other requests take the memory for content");
        }
        content.writeBytes(BufferUtil.toArray(chunk.getByteBuffer()));
    }

    static AdminExchange.Refused tooLong(int longest) {
        return new AdminExchange.Refused(
                413,
                longest == 0 ? "this resource takes no content" : "the content is longer than " + longest + " bytes");
    }

    private static AdminExchange.Refused failed(Throwable failure) {
        return failure instanceof TimeoutException
                ? new AdminExchange.Refused(408, "the content did not arrive in time")
                : new AdminExchange.Refused(400, "the content is malformed or incomplete");
    }
}
