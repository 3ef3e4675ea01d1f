package io.cachingproxy.servlet;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.HttpDate;
import io.cachingproxy.http.ResponseHead;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A response that keeps its own book of status and headers, and holds them back until the body begins: only then is it
 * known whether they go to the client. Containers differ in what their own getters tell.
 */
final class RecordingResponse extends HttpServletResponseWrapper {
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
        super(response);
        this.recording = recording;
        this.out = new RecordingOutput(this, recording);
    }

    /** The servlet is done: passes on all that is still held back. */
    void finish() throws IOException {
        if (writer != null) {
            writer.drain();
        }
        commit();
    }

    /** Tells the cache the head, and the client too if it is meant for it. */
    void commit() throws IOException {
        if (!committed) {
            committed = true;
            ResponseHead head = recording.head(new ResponseHead(status, headers));
            if (recording.passes()) {
                AnswerWriter.head(head, client());
            }
        }
        out.drain();
    }

    HttpServletResponse client() {
        return (HttpServletResponse) getResponse();
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
    public PrintWriter getWriter() {
        if (streamed) {
            throw new IllegalStateException("getOutputStream was called");
        }
        if (writer == null) {
            Charset used = charset == null ? containersCharset() : charset;
            setCharacterEncoding(used.name());
            writer = new RecordingWriter(out, used);
        }
        return writer;
    }

    /** The charset that the container assumes; some go by the type. */
    private Charset containersCharset() {
        String type = getContentType();
        if (type != null) {
            client().setContentType(type);
        }
        String assumed = client().getCharacterEncoding();
        client().setContentType(null);
        return assumed == null ? StandardCharsets.ISO_8859_1 : Charset.forName(assumed);
    }

    @Override
    public void flushBuffer() throws IOException {
        finish();
        if (recording.passes()) {
            client().flushBuffer();
        }
    }

    @Override
    public void resetBuffer() {
        if (committed) {
            throw new IllegalStateException("committed");
        }
        out.reset(writer);
    }

    @Override
    public void reset() {
        resetBuffer();
        headers = Headers.EMPTY;
        status = SC_OK;
        charset = null;
        writer = null;
        streamed = false;
    }

    @Override
    public int getBufferSize() {
        return RecordingOutput.BUFFER;
    }

    @Override
    public void setBufferSize(int size) {
        // the buffer is the recording's own
    }

    @Override
    public void sendError(int code) throws IOException {
        sendError(code, "");
    }

    /** The container writes the page, unless the cache has something better. After the head is gone it is an abort. */
    @Override
    public void sendError(int code, String message) throws IOException {
        if (committed) {
            recording.fail();
            client().sendError(code, message);
            return;
        }
        resetBuffer();
        committed = true;
        ResponseHead head = recording.head(new ResponseHead(code, headers.with("Cache-Control", "no-store")));
        if (recording.passes()) {
            headers.all("Cache-Control").forEach(value -> client().addHeader("Cache-Control", value));
            for (int i = 0; i < head.headers().size(); i++) {
                String name = head.headers().name(i).toLowerCase(Locale.ROOT);
                if (!name.startsWith("content-") && !name.equals("cache-control")) {
                    client().addHeader(head.headers().name(i), head.headers().value(i));
                }
            }
            out.close();
            client().sendError(code, message);
        }
    }

    @Override
    public void sendRedirect(String location) throws IOException {
        sendRedirect(location, SC_FOUND, true);
    }

    /** Overrides a method that Servlet 6.1 has and 6.0 has not. */
    @SuppressWarnings("MissingOverride")
    public void sendRedirect(String location, int code, boolean clearBuffer) throws IOException {
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
        if (!committed) {
            status = code;
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
        if (!committed) {
            headers = value == null ? headers.without(name) : headers.with(name, value);
        }
    }

    @Override
    public void addHeader(String name, @Nullable String value) {
        if (name.equalsIgnoreCase("Content-Type")) {
            setContentType(value);
        } else if (!committed && value != null) {
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
        addHeader("Set-Cookie", SetCookie.format(cookie));
    }

    @Override
    public boolean containsHeader(String name) {
        return headers.contains(name);
    }

    @Override
    public @Nullable String getHeader(String name) {
        return headers.first(name);
    }

    @Override
    public Collection<String> getHeaders(String name) {
        return List.copyOf(headers.all(name));
    }

    @Override
    public Collection<String> getHeaderNames() {
        Collection<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        for (int i = 0; i < headers.size(); i++) {
            names.add(headers.name(i));
        }
        return names;
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
        set("Content-Type", type);
        String named = type == null ? null : charsetOf(type);
        if (named != null) {
            charset = Charset.forName(named);
        } else if (type != null && charset != null) {
            set("Content-Type", type + ";charset=" + charset.name().toLowerCase(Locale.ROOT));
        }
    }

    @Override
    public @Nullable String getContentType() {
        return headers.first("Content-Type");
    }

    @Override
    public void setCharacterEncoding(@Nullable String name) {
        if (committed || writer != null || name == null) {
            return;
        }
        charset = Charset.forName(name);
        String type = getContentType();
        if (type != null) {
            int parameter = type.toLowerCase(Locale.ROOT).indexOf(";charset=");
            String bare = parameter < 0 ? type : type.substring(0, parameter);
            boolean implied = charset.equals(StandardCharsets.UTF_8) && bare.endsWith("json"); // RFC 8259 §11
            if (charsetOf(bare) == null && !implied) {
                set("Content-Type", bare + ";charset=" + name.toLowerCase(Locale.ROOT));
            }
        }
    }

    @Override
    public void setLocale(Locale value) {
        locale = value;
        setHeader("Content-Language", value.toLanguageTag());
    }

    @Override
    public Locale getLocale() {
        return locale == null ? super.getLocale() : locale;
    }

    @Override
    public String getCharacterEncoding() {
        return charset == null ? "ISO-8859-1" : charset.name();
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
