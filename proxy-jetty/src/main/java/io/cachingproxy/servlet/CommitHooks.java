package io.cachingproxy.servlet;

import jakarta.servlet.ServletResponse;
import jakarta.servlet.ServletResponseWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;

/**
 * Runs the commit hooks in the response wrappers of outer filters, before the response is committed. Spring Security
 * writes its {@code no-store} in such a hook, Spring Session its cookie. Meanwhile a flush stops below the innermost
 * wrapper, before the container.
 */
final class CommitHooks {
    private CommitHooks() {}

    /** Runs the commit hooks of all wrappers of {@code response}, so that their headers are final. */
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

    /** Flushes each wrapper, because some wrappers do not pass a flush on to the wrappers below. */
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
            // does not commit the response
        }
    }
}
