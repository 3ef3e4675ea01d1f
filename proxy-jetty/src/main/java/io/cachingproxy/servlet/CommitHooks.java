package io.cachingproxy.servlet;

import jakarta.servlet.ServletResponse;
import jakarta.servlet.ServletResponseWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;

/**
 * Runs what the wrappers of outer filters do when the response is committed, before it is committed: Spring Security
 * writes its {@code no-store} in this way, Spring Session its cookie. For this time a flush ends beneath the innermost
 * wrapper, and reaches the container no more.
 */
final class CommitHooks {
    private CommitHooks() {}

    /** Makes the headers of {@code response} final, as far as wrappers go. */
    static void run(HttpServletResponse response) throws IOException {
        if (!(response instanceof ServletResponseWrapper outermost) || response.isCommitted()) {
            return;
        }
        ServletResponseWrapper innermost = outermost;
        while (innermost.getResponse() instanceof ServletResponseWrapper next) {
            innermost = next;
        }
        if (!(innermost.getResponse() instanceof HttpServletResponse container)) {
            return;
        }
        innermost.setResponse(new Unflushed(container));
        try {
            flushEach(outermost);
        } finally {
            innermost.setResponse(container);
        }
    }

    /** Some wrappers hold back a flush, so that those beneath them would not see it. */
    private static void flushEach(ServletResponseWrapper outermost) throws IOException {
        ServletResponse each = outermost;
        while (each instanceof ServletResponseWrapper wrapper) {
            each = wrapper.getResponse();
            wrapper.flushBuffer();
        }
    }

    private static final class Unflushed extends HttpServletResponseWrapper {
        Unflushed(HttpServletResponse container) {
            super(container);
        }

        @Override
        public void flushBuffer() {
            // the response is not begun
        }
    }
}
