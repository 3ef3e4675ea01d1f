package io.cachingproxy.cli.admin;

import io.cachingproxy.cli.text.Json;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.URIUtil;

/** A request to the admin listener, and its response. */
public final class AdminExchange {
    private static final String JSON = "application/json";
    private static final int MAX_BODY = 8 * 1024 * 1024;

    private final Request request;
    private final Response response;
    private final Callback callback;
    private final Map<String, String> parameters;

    AdminExchange(Request request, Response response, Callback callback, Map<String, String> parameters) {
        this.request = request;
        this.response = response;
        this.callback = callback;
        this.parameters = parameters;
    }

    /** Ends an exchange with an error. */
    public static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final int status;

        /** @param message one line for the operator */
        public Refused(int status, String message) {
            super(message);
            this.status = status;
        }

        int status() {
            return status;
        }
    }

    /** The value of a variable of the path, decoded. */
    public String parameter(String name) {
        return URIUtil.decodePath(parameters.getOrDefault(name, ""));
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

    /** Reads the body as UTF-8, up to 8 MB, and passes it on; a longer one is answered 413. */
    public void body(Consumer<String> then) {
        Content.Source.asByteArrayAsync(request, MAX_BODY).whenComplete((bytes, failure) -> {
            if (failure instanceof IllegalStateException) {
                text(413, "The body is longer than " + MAX_BODY + " bytes");
            } else if (failure != null) {
                callback.failed(failure);
            } else {
                AdminRoutes.run(exchange -> then.accept(new String(bytes, StandardCharsets.UTF_8)), this);
            }
        });
    }

    /** Continues on another thread: for work that would delay other requests. */
    public void elsewhere(Runnable work) {
        request.getComponents().getThreadPool().execute(() -> AdminRoutes.run(exchange -> work.run(), this));
    }

    /** Answers with a text; a line feed is added to a text that ends without one. */
    public void text(int status, String text) {
        text(response, status, text, callback);
    }

    /** Answers with JSON. */
    public void json(int status, Object value) {
        write(response, status, JSON, Json.of(value), callback);
    }

    /** Answers with a text of a content type. */
    public void write(int status, String type, String text) {
        write(response, status, type, text, callback);
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
    }

    static void text(Response response, int status, String text, Callback callback) {
        write(response, status, "text/plain;charset=utf-8", text, callback);
    }

    private static void write(Response response, int status, String type, String text, Callback callback) {
        head(response, status, type);
        Content.Sink.write(response, true, text.endsWith("\n") ? text : text + "\n", callback);
    }

    @Override
    public String toString() {
        return request.getMethod() + " " + Request.getPathInContext(request);
    }
}
