package io.cachingproxy.servlet;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.syntax.HttpDate;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UnsupportedEncodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The response that the chain gets. Keeps its own copy of status and headers, since the getters of containers differ,
 * and buffers the beginning of the body. Status and headers are also written through to the client's response, so that
 * containers and outer filters see them, and are removed if the cache answers in place of the servlet.
 */
final class RecordingResponse extends HttpServletResponseWrapper {
    private final HttpServletResponse client;
    private final Recording recording;
    private final RecordingOutput out;
    private Headers headers = Headers.EMPTY;
    private int status = SC_OK;
    private @Nullable Charset charset;
    private @Nullable RecordingWriter writer;
    private @Nullable Locale locale;
    private boolean streamed;
    private boolean committed;

    RecordingResponse(HttpServletResponse response, Recording recording) {
        super(ContainerResponse.of(response));
        this.client = response;
        this.recording = recording;
        this.out = new RecordingOutput(this, recording);
    }

    /** The servlet has finished: passes all buffered data on. */
    void finish() throws IOException {
        drainWriter();
        commit();
    }

    /** Passes on characters that a writer has not yet encoded. */
    void drainWriter() {
        if (writer != null) {
            writer.drain();
        }
    }

    /** Commits the head to the cache. */
    void commit() throws IOException {
        if (!committed) {
            committed = true;
            String type = getContentType();
            if (type != null && (headers.contains("Content-Type") || client.containsHeader("Content-Type"))) {
                headers = headers.with("Content-Type", type);
            }
            recording.head(new ResponseHead(status, headers));
        }
        out.drain();
    }

    HttpServletResponse client() {
        return client;
    }

    /** The headers that the servlet has set. */
    Headers headers() {
        return headers;
    }

    /** Whether the head cannot be changed: it is committed, or an included fragment is running. */
    private boolean isFixed() {
        return committed || recording.isIncluding();
    }

    private boolean live() {
        return recording.live();
    }

    @Override
    public boolean isCommitted() {
        return committed;
    }

    @Override
    public ServletOutputStream getOutputStream() {
        if (writer != null) {
            throw new IllegalStateException("getWriter was called");
        }
        streamed = true;
        return out;
    }

    @Override
    public PrintWriter getWriter() throws IOException {
        if (streamed) {
            throw new IllegalStateException("getOutputStream was called");
        }
        if (writer == null) {
            String name = getCharacterEncoding();
            Charset used = charset(name);
            if (used == null) {
                throw new UnsupportedEncodingException(name);
            }
            String type = headers.first("Content-Type");
            boolean implied = type != null && used.equals(StandardCharsets.UTF_8) && type.endsWith("json");
            if (charset == null && !implied && type != null) { // JSON is always UTF-8 (RFC 8259 §11)
                setCharacterEncoding(used.name());
            }
            charset = used;
            writer = new RecordingWriter(out, used, ContainerResponse.lineSeparator(client), recording::isUnseen);
        }
        return writer;
    }

    private static @Nullable Charset charset(String name) {
        try {
            return Charset.forName(name);
        } catch (IllegalArgumentException unknown) {
            return null;
        }
    }

    @Override
    public void flushBuffer() throws IOException {
        finish();
        if (recording.passes()) {
            try {
                client.flushBuffer();
            } catch (IOException clientGone) {
                recording.clientGone(clientGone);
            }
        }
    }

    @Override
    public void resetBuffer() {
        if (committed) {
            throw new IllegalStateException("committed");
        }
        out.reset(writer);
    }

    /** Discards the body and its stream or writer, as a container does with its own response. */
    void resetForForward() {
        if (!committed) {
            out.reset(writer);
            writer = null;
            streamed = false;
        }
    }

    @Override
    public void setBufferSize(int size) {
        if (committed) {
            throw new IllegalStateException("committed");
        }
        out.limit(size);
        if (live()) {
            client.setBufferSize(size);
        }
    }

    @Override
    public void reset() {
        resetBuffer();
        if (live()) {
            client.reset();
        }
        headers = Headers.EMPTY;
        status = SC_OK;
        charset = null;
        writer = null;
        streamed = false;
    }

    @Override
    public void sendError(int code) throws IOException {
        error(code, null);
    }

    /**
     * The container writes the error page, unless the cache has a stored response to serve. After the head is sent, the
     * container refuses, and the response is not stored.
     */
    @Override
    public void sendError(int code, @Nullable String message) throws IOException {
        error(code, message == null ? "" : message);
    }

    private void error(int code, @Nullable String message) throws IOException {
        if (committed) {
            recording.abandon("the servlet reported an error after the head");
            pageOf(code, message);
            return;
        }
        resetBuffer();
        recording.disclosure().responding();
        committed = true;
        status = code;
        recording.error(new ResponseHead(code, headers));
        if (recording.passes()) {
            out.close();
            if (writer != null) {
                client.getWriter(); // the error page uses the writer's charset
            }
            if (!ContainerResponse.isTomcats(client)) { // which after a forward gets and closes the writer of this one
                recording.handOver();
            }
            pageOf(code, message);
        }
    }

    private void pageOf(int code, @Nullable String message) throws IOException {
        if (message == null) {
            client.sendError(code);
        } else {
            client.sendError(code, message);
        }
    }

    /** The servlet has thrown an exception: the container gets the response in the same state as without the filter. */
    void thrown() throws IOException {
        if (!committed) {
            committed = true;
            recording.error(new ResponseHead(SC_INTERNAL_SERVER_ERROR, headers));
            if (recording.passes()) {
                drainWriter();
                out.drain();
                recording.handOver();
            }
        }
    }

    @Override
    public void sendRedirect(String location) throws IOException {
        sendRedirect(location, SC_FOUND, true);
    }

    /** Overrides a method that Servlet 6.1 has and 6.0 has not. */
    @SuppressWarnings("MissingOverride")
    public void sendRedirect(String location, int code, boolean clearBuffer) throws IOException {
        if (committed) {
            throw new IllegalStateException("committed");
        }
        if (recording.isIncluding()) {
            return;
        }
        if (clearBuffer) {
            resetBuffer();
        }
        setStatus(code);
        setHeader("Location", location);
        commit();
        out.close();
    }

    @Override
    public void setStatus(int code) {
        recording.disclosure().responding();
        if (!isFixed()) {
            status = code;
            if (live()) {
                client.setStatus(code);
            }
        }
    }

    @Override
    public int getStatus() {
        return status;
    }

    @Override
    public void setHeader(String name, @Nullable String value) {
        if (name.equalsIgnoreCase("Content-Type")) {
            setContentType(value);
        } else {
            set(name, value);
        }
    }

    private void set(String name, @Nullable String value) {
        if (isFixed()) {
            return;
        }
        if (live()) {
            client.setHeader(name, value);
        }
        boolean stays = value == null && live() && client.containsHeader(name); // where null removes nothing
        if (!stays) {
            headers = value == null ? headers.without(name) : headers.with(name, value);
        }
    }

    @Override
    public void addHeader(String name, @Nullable String value) {
        if (name.equalsIgnoreCase("Content-Type")) {
            setContentType(value);
        } else if (!isFixed() && value != null) {
            if (live()) {
                client.addHeader(name, value);
            }
            headers = headers.plus(name, value);
        }
    }

    @Override
    public void setIntHeader(String name, int value) {
        setHeader(name, Integer.toString(value));
    }

    @Override
    public void addIntHeader(String name, int value) {
        addHeader(name, Integer.toString(value));
    }

    @Override
    public void setDateHeader(String name, long millis) {
        setHeader(name, HttpDate.format(Instant.ofEpochMilli(millis)));
    }

    @Override
    public void addDateHeader(String name, long millis) {
        addHeader(name, HttpDate.format(Instant.ofEpochMilli(millis)));
    }

    @Override
    public void addCookie(Cookie cookie) {
        if (isFixed()) {
            return;
        }
        List<String> before = List.copyOf(client.getHeaders("Set-Cookie"));
        if (live()) {
            client.addCookie(cookie);
        }
        List<String> added = new ArrayList<>(client.getHeaders("Set-Cookie"));
        before.forEach(added::remove);
        headers = headers.plus("Set-Cookie", added.isEmpty() ? SetCookie.format(cookie) : added.get(0));
    }

    @Override
    public boolean containsHeader(String name) {
        return live() ? client.containsHeader(name) : headers.contains(name);
    }

    @Override
    public @Nullable String getHeader(String name) {
        return live() ? client.getHeader(name) : headers.first(name);
    }

    @Override
    public Collection<String> getHeaders(String name) {
        return live() ? client.getHeaders(name) : headers.all(name);
    }

    @Override
    public Collection<String> getHeaderNames() {
        if (live()) {
            return client.getHeaderNames();
        }
        Collection<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        for (int i = 0; i < headers.size(); i++) {
            names.add(headers.name(i));
        }
        return names;
    }

    /** A URL with a session id makes the response personal to one client, whatever its Cache-Control. */
    private String encoded(String url, String encoded) {
        if (!url.equals(encoded)) {
            recording.disclosure().unkeyed();
        }
        return encoded;
    }

    @Override
    public String encodeURL(String url) {
        return encoded(url, super.encodeURL(url));
    }

    @Override
    public String encodeRedirectURL(String url) {
        return encoded(url, super.encodeRedirectURL(url));
    }

    @Override
    public void setContentLength(int length) {
        setContentLengthLong(length);
    }

    @Override
    public void setContentLengthLong(long length) {
        setHeader("Content-Length", length < 0 ? null : Long.toString(length));
    }

    @Override
    public void setContentType(@Nullable String type) {
        if (isFixed()) {
            return;
        }
        String named = type == null ? null : charsetOf(type);
        String whole = type;
        if (writer != null && charset != null) { // the charset of the writer is fixed
            whole = type == null ? null : withCharset(bare(type), charset.name());
        } else if (type == null) {
            charset = null;
        } else if (named != null) {
            charset = charset(named);
        } else if (charset != null && !live()) {
            whole = withCharset(type, charset.name());
        }
        headers = whole == null ? headers.without("Content-Type") : headers.with("Content-Type", whole);
        if (live()) {
            client.setContentType(whole);
        }
    }

    @Override
    public @Nullable String getContentType() {
        String type = live() ? client.getContentType() : null;
        return type == null ? headers.first("Content-Type") : type;
    }

    @Override
    public void setCharacterEncoding(@Nullable String name) {
        if (isFixed() || writer != null) {
            return;
        }
        String type = headers.first("Content-Type");
        charset = name == null ? null : charset(name);
        if (charset != null && type != null) {
            headers = headers.with("Content-Type", withCharset(bare(type), charset.name()));
        }
        if (live()) {
            client.setCharacterEncoding(name);
        }
    }

    /** Overrides a method that Servlet 6.1 has and 6.0 has not. */
    @SuppressWarnings("MissingOverride")
    public void setCharacterEncoding(Charset value) {
        setCharacterEncoding(value.name());
    }

    private static String withCharset(String type, String name) {
        return type + ";charset=" + name.toLowerCase(Locale.ROOT);
    }

    private static String bare(String type) {
        return type.replaceAll("(?i)\\s*;\\s*charset\\s*=[^;]*", "");
    }

    @Override
    public void setLocale(Locale value) {
        if (isFixed()) {
            return;
        }
        locale = value;
        if (live()) {
            client.setLocale(value);
            if (writer != null && charset != null) { // the charset of the writer is fixed
                client.setCharacterEncoding(charset.name());
            }
        }
        String language = live() ? client.getHeader("Content-Language") : null;
        headers = headers.with("Content-Language", language == null ? value.toLanguageTag() : language);
    }

    @Override
    public Locale getLocale() {
        return locale == null ? super.getLocale() : locale;
    }

    @Override
    public String getCharacterEncoding() {
        if (charset != null) {
            return charset.name();
        }
        String assumed = client.getCharacterEncoding();
        return assumed == null ? "ISO-8859-1" : assumed;
    }

    private static @Nullable String charsetOf(String type) {
        int at = type.toLowerCase(Locale.ROOT).indexOf("charset=");
        if (at < 0) {
            return null;
        }
        String name = type.substring(at + "charset=".length()).split(";", 2)[0].strip();
        return name.replace("\"", "");
    }
}
