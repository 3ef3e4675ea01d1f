package io.cachingproxy.servlet;

import static io.cachingproxy.servlet.Way.way;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Responses that come after the servlet has returned. */
final class AsyncWays {
    static final List<Way> ALL = List.of(
            way("ASYNC_TIMEOUT_WITH_A_FALLBACK", (request, response) -> {
                AsyncContext async = request.startAsync();
                async.setTimeout(300);
                async.addListener(new OnTimeout() {
                    @Override
                    public void onTimeout(AsyncEvent event) throws IOException {
                        async.getResponse().getWriter().print("fallback");
                        async.complete();
                    }
                });
            }),
            way("ASYNC_TIMEOUT_COMPLETED_BY_THE_EVENT", (request, response) -> {
                AsyncContext async = request.startAsync();
                async.setTimeout(300);
                async.addListener(new OnTimeout() {
                    @Override
                    public void onTimeout(AsyncEvent event) throws IOException {
                        AsyncContext context = event.getAsyncContext();
                        ((HttpServletResponse) context.getResponse()).setStatus(503);
                        context.getResponse().getWriter().print("fallback");
                        context.complete();
                    }
                });
            }),
            way("ASYNC_TIMEOUT_DISPATCHED", (request, response) -> {
                AsyncContext async = request.startAsync();
                async.setTimeout(300);
                async.addListener(new OnTimeout() {
                    @Override
                    public void onTimeout(AsyncEvent event) {
                        async.dispatch("/page");
                    }
                });
            }),
            way("ASYNC_DISPATCHED_TO_A_PAGE", (request, response) -> {
                AsyncContext async = request.startAsync();
                async.start(() -> async.dispatch("/page"));
            }),
            way(
                    "ASYNC_DISPATCHED_TO_MUCH",
                    (request, response) -> request.startAsync().dispatch("/much")),
            way(
                    "ASYNC_DISPATCHED_TO_BYTES",
                    (request, response) -> request.startAsync().dispatch("/bytes")),
            way("ASYNC_DISPATCHED_AFTER_OUTPUT", (request, response) -> {
                response.setContentType("text/plain;charset=utf-8");
                response.getWriter().print("first ");
                request.startAsync().dispatch("/page");
            }),
            way(
                    "ASYNC_TIMEOUT_UNHANDLED",
                    (request, response) -> request.startAsync().setTimeout(300)),
            way("ASYNC_COMPLETED_AT_ONCE", (request, response) -> {
                response.getWriter().print("at once");
                request.startAsync().complete();
            }),
            way("ASYNC_COMPLETED_BY_ANOTHER_THREAD", (request, response) -> {
                AsyncContext async = request.startAsync();
                thread(() -> {
                    response.setHeader("X-Thread", "1");
                    response.setContentType("text/plain;charset=utf-8");
                    response.getWriter().print("by another thread");
                    async.complete();
                });
            }),
            way("ASYNC_STARTED_BY_THE_CONTEXT", (request, response) -> {
                AsyncContext async = request.startAsync();
                async.start(() -> act(() -> {
                    async.getResponse().getOutputStream().write(new byte[50_000]);
                    async.complete();
                }));
            }),
            way("ASYNC_FLUSHED_PIECE_BY_PIECE", (request, response) -> {
                response.setContentType("text/plain;charset=utf-8");
                AsyncContext async = request.startAsync();
                thread(() -> {
                    for (int i = 0; i < 3; i++) {
                        response.getWriter().print("piece " + i + '\n');
                        response.flushBuffer();
                    }
                    async.complete();
                });
            }),
            way("ASYNC_EVENTS", (request, response) -> {
                response.setContentType("text/event-stream;charset=utf-8");
                AsyncContext async = request.startAsync();
                thread(() -> {
                    for (int i = 0; i < 3; i++) {
                        response.getOutputStream().print("data: " + i + "\n\n");
                        response.getOutputStream().flush();
                    }
                    async.complete();
                });
            }),
            way("ASYNC_ERROR", (request, response) -> {
                        AsyncContext async = request.startAsync();
                        thread(() -> {
                            response.sendError(503, "later");
                            async.complete();
                        });
                    })
                    .alone(),
            way("ASYNC_REDIRECT", (request, response) -> {
                AsyncContext async = request.startAsync();
                thread(() -> {
                    response.sendRedirect("/elsewhere");
                    async.complete();
                });
            }),
            way("ASYNC_AND_AN_EXCEPTION", (request, response) -> {
                        request.startAsync().setTimeout(1_000);
                        throw new ServletException("on purpose");
                    })
                    .alone(),
            way("ASYNC_DISPATCHED_TO_ITSELF", (request, response) -> {
                if (request.getDispatcherType() == DispatcherType.ASYNC) {
                    response.getWriter().print("again " + request.getAttribute("first"));
                } else {
                    request.setAttribute("first", "first");
                    request.startAsync().dispatch();
                }
            }),
            way(
                    "ASYNC_DISPATCHED_TWICE",
                    (request, response) -> request.startAsync().dispatch("/async")),
            way(
                    "ASYNC_DISPATCHED_WITH_ATTRIBUTES",
                    (request, response) -> request.startAsync().dispatch("/seen?b=c")),
            way(
                    "ASYNC_DISPATCHED_TO_AN_ERROR",
                    (request, response) -> request.startAsync().dispatch("/error")),
            way(
                    "ASYNC_DISPATCHED_TO_AN_EXCEPTION",
                    (request, response) -> request.startAsync().dispatch("/exception")),
            way(
                    "ASYNC_DISPATCHED_TO_AN_EXCEPTION_WITH_A_PAGE",
                    (request, response) -> request.startAsync().dispatch("/exception-with-a-page")),
            way(
                    "ASYNC_DISPATCHED_TO_AN_ERROR_WITH_A_PAGE",
                    (request, response) -> request.startAsync().dispatch("/error-with-a-page")),
            way("ASYNC_EXCEPTION_ANSWERED_BY_A_LISTENER", (request, response) -> {
                AsyncContext async = request.startAsync();
                async.addListener(new OnError() {
                    @Override
                    public void onError(AsyncEvent event) throws IOException {
                        response.setStatus(503);
                        response.setHeader("X-Listener", "1");
                        response.getWriter().print("fallback");
                        async.complete();
                    }
                });
                async.dispatch("/exception");
            }),
            way(
                    "ASYNC_DISPATCHED_TO_A_FORWARD",
                    (request, response) -> request.startAsync().dispatch("/hop")),
            way(
                    "ASYNC_DISPATCHED_TO_AN_INCLUDE",
                    (request, response) -> request.startAsync().dispatch("/including")),
            way("ASYNC_WITH_A_WRAPPED_RESPONSE", (request, response) -> {
                AsyncContext async = request.startAsync(request, new HttpServletResponseWrapper(response) {
                    @Override
                    public void setHeader(String name, String value) {
                        super.setHeader(name + "-Wrapped", value);
                    }
                });
                thread(() -> {
                    ((HttpServletResponse) async.getResponse()).setHeader("X-A", "1");
                    async.getResponse().getWriter().print("wrapped " + async.hasOriginalRequestAndResponse());
                    async.complete();
                });
            }),
            way("ASYNC_WRITTEN_WHEN_POSSIBLE", (request, response) -> {
                response.setContentType("application/octet-stream");
                AsyncContext async = request.startAsync();
                ServletOutputStream out = response.getOutputStream();
                out.setWriteListener(new WriteListener() {
                    private int written;

                    @Override
                    public void onWritePossible() throws IOException {
                        while (out.isReady()) {
                            if (written == 40) {
                                async.complete();
                                return;
                            }
                            out.write(new byte[5_000]);
                            written++;
                        }
                    }

                    @Override
                    public void onError(Throwable failure) {
                        async.complete();
                    }
                });
            }),
            way("ASYNC_READ_WHEN_POSSIBLE", (request, response) -> {
                        AsyncContext async = request.startAsync();
                        ServletInputStream in = request.getInputStream();
                        ByteArrayOutputStream body = new ByteArrayOutputStream();
                        in.setReadListener(new ReadListener() {
                            @Override
                            public void onDataAvailable() throws IOException {
                                while (in.isReady() && !in.isFinished()) {
                                    int b = in.read();
                                    if (b >= 0) {
                                        body.write(b);
                                    }
                                }
                            }

                            @Override
                            public void onAllDataRead() throws IOException {
                                response.getOutputStream().write(body.toByteArray());
                                async.complete();
                            }

                            @Override
                            public void onError(Throwable failure) {
                                async.complete();
                            }
                        });
                    })
                    .asked("POST")
                    .sent("what is sent"));

    private AsyncWays() {}

    private interface Action {
        void run() throws IOException;
    }

    private static void thread(Action action) {
        new Thread(() -> act(action)).start();
    }

    private static void act(Action action) {
        try {
            action.run();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private abstract static class OnError implements AsyncListener {
        @Override
        public void onComplete(AsyncEvent event) {}

        @Override
        public void onTimeout(AsyncEvent event) {}

        @Override
        public void onStartAsync(AsyncEvent event) {}
    }

    private abstract static class OnTimeout implements AsyncListener {
        @Override
        public void onComplete(AsyncEvent event) {}

        @Override
        public void onError(AsyncEvent event) {}

        @Override
        public void onStartAsync(AsyncEvent event) {}
    }
}
