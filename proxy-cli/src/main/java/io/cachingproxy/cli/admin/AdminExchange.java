package io.cachingproxy.cli.admin;

import io.cachingproxy.cli.text.Json;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.URIUtil;

/** A request to the admin listener, and its response. */
public final class AdminExchange {
    private static final String JSON = "application/json";
    private static final String TEXT = "text/plain;charset=utf-8";

    private final Request request;
    private final Response response;
    private final Callback callback;
    private final Map<String, String> parameters;
    private final Budget budget;
    private final WorkQueue work;
    private final AtomicInteger heldContent = new AtomicInteger();

    AdminExchange(
            Request request,
            Response response,
            Callback callback,
            Map<String, String> parameters,
            Budget budget,
            WorkQueue work) {
        this.request = request;
        this.response = response;
        this.callback = Callback.from(callback, this::releaseContent);
        this.parameters = parameters;
        this.budget = budget;
        this.work = work;
    }

    /** Ends an exchange with an error. */
    public static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final int status;

        /** @param message one line for the operator */
        public Refused(int status, String message) {
            super(message, null, false, false);
            this.status = status;
        }

        /** A 503: the same request may succeed in a second. */
        public static Refused later(String message) {
            return new Refused(503, message);
        }

        int status() {
            return status;
        }
    }

    /**
     * The value of a variable of the path, decoded.
     *
     * @throws Refused if it is malformed
     */
    public String parameter(String name) {
        try {
            return URIUtil.decodePath(parameters.getOrDefault(name, ""));
        } catch (RuntimeException malformed) {
            throw new Refused(400, "the path is malformed");
        }
    }

    /**
     * The parameters of the query.
     *
     * @throws Refused if the query is malformed
     */
    public Fields query() {
        try {
            return Request.extractQueryParameters(request);
        } catch (RuntimeException malformed) {
            throw new Refused(400, "the query is malformed");
        }
    }

    /** The request. */
    public Request request() {
        return request;
    }

    /** The response, for answers that are neither text nor JSON. */
    public Response response() {
        return response;
    }

    /** Ends the exchange. */
    public Callback callback() {
        return callback;
    }

    /** Keeps memory for this much more content until the exchange ends; false if there is none left. */
    boolean holdContent(int bytes) {
        if (!budget.takeContent(bytes)) {
            return false;
        }
        heldContent.addAndGet(bytes);
        return true;
    }

    private void releaseContent() {
        budget.giveContent(heldContent.getAndSet(0));
    }

    /** Continues on another thread: for work that would delay other requests. */
    public void elsewhere(Runnable step) {
        work.run(
                () -> AdminRoutes.run(exchange -> step.run(), this),
                request.getComponents().getThreadPool());
    }

    /** Answers with an error. */
    void refuse(Refused refused) {
        releaseContent(); // before the client sees that it may try again
        if (refused.status() == 503) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
        }
        if (refused.status() == 413 || refused.status() == 408) { // the rest of the content is not read
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
        }
        text(refused.status(), String.valueOf(refused.getMessage()));
    }

    /** Answers with a text; a line feed is added to a text that ends without one. */
    public void text(int status, String text) {
        write(status, TEXT, text);
    }

    /** Answers with JSON. */
    public void json(int status, Object value) {
        write(status, JSON, Json.of(value));
    }

    /** Answers with JSON, of any length, a request that has been carried out and cannot be refused any more. */
    public void receipt(int status, Object value) {
        write(response, status, JSON, bytes(Json.of(value)), callback);
    }

    /**
     * Answers with a text of a content type; with 503 if it is large, and as many large answers as permitted are waiting
     * for their clients.
     */
    public void write(int status, String type, String text) {
        byte[] bytes = bytes(text);
        if (bytes.length <= Budget.SMALL_ANSWER) {
            write(response, status, type, bytes, callback);
        } else if (budget.takeAnswer()) {
            write(response, status, type, bytes, Callback.from(callback, budget::giveAnswer));
        } else {
            refuse(Refused.later("other clients are reading large answers"));
        }
    }

    /** Sets the head of an answer whose content is written to {@link #response()}. */
    public void head(int status, String type) {
        head(response, status, type);
    }

    private static void head(Response response, int status, String type) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        response.getHeaders().put("Cross-Origin-Resource-Policy", "same-origin");
    }

    static void text(Response response, int status, String text, Callback callback) {
        write(response, status, TEXT, bytes(text), callback);
    }

    private static void write(Response response, int status, String type, byte[] bytes, Callback callback) {
        head(response, status, type);
        response.write(true, ByteBuffer.wrap(bytes), callback);
    }

    private static byte[] bytes(String text) {
        return (text.endsWith("\n") ? text : text + "\n").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return request.getMethod() + " " + Request.getPathInContext(request);
    }
}
