package io.cachingproxy.origin;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.syntax.FieldValues;
import java.io.EOFException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Incremental parser of HTTP/1.1 responses (RFC 9112). Heads are parsed strictly ({@link ResponseHeadParser}). A body that
 * ends differently from its framing is an error.
 *
 * <pre>
 *   HEAD --1xx--> HEAD
 *    |--no content (HEAD, 204, 304)-----------------> END
 *    |--Content-Length---> COUNTED -----------------> END
 *    |--chunked--> SIZE --> CHUNK --> CHUNK_END --> SIZE
 *    |              '--0--> TRAILERS ---------------> END
 *    '--neither--> UNTIL_CLOSE --end of input-------> END
 * </pre>
 */
final class ResponseReader {
    /** The result of {@link #next}. */
    enum Step {
        /** All input is consumed, and the response is incomplete. */
        MORE,
        /** An interim response: {@link #status()} and {@link #headers()}. */
        INTERIM,
        /** The head of the final response. */
        HEAD,
        /** Bytes of the body: {@link #content()}. */
        CONTENT,
        /** The response is complete: {@link #trailers()}. */
        END
    }

    private enum State {
        HEAD,
        COUNTED,
        SIZE,
        CHUNK,
        CHUNK_END,
        TRAILERS,
        UNTIL_CLOSE,
        END
    }

    /** Position in the extensions of a chunk-size line (RFC 9112 §7.1.1). */
    private enum Extension {
        NONE,
        BEGINNING,
        NAME,
        VALUE_BEGINNING,
        VALUE,
        QUOTED,
        ESCAPED,
        QUOTED_END;

        Extension next(byte c) throws ProtocolException {
            boolean token = c > 0 && FieldValues.isToken(String.valueOf((char) c));
            return switch (this) {
                case BEGINNING -> token ? NAME : refused();
                case NAME -> token ? NAME : c == '=' ? VALUE_BEGINNING : c == ';' ? BEGINNING : refused();
                case VALUE_BEGINNING -> token ? VALUE : c == '"' ? QUOTED : refused();
                case VALUE -> token ? VALUE : c == ';' ? BEGINNING : refused();
                case QUOTED -> c < ' ' || c == 0x7f ? refused() : c == '"' ? QUOTED_END : c == '\\' ? ESCAPED : QUOTED;
                case ESCAPED -> c < ' ' || c == 0x7f ? refused() : QUOTED;
                case QUOTED_END -> c == ';' ? BEGINNING : refused();
                case NONE -> refused();
            };
        }

        boolean mayEnd() {
            return this == NONE || this == NAME || this == VALUE || this == QUOTED_END;
        }

        private static Extension refused() throws ProtocolException {
            throw new ProtocolException("a malformed chunk extension");
        }
    }

    private static final ThreadLocal<byte[]> SCRATCH = ThreadLocal.withInitial(() -> new byte[4 << 10]);
    private static final byte[] NONE = {};
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    /** Maximum length of a chunk-size line in bytes, extensions included. */
    private static final int LONGEST_SIZE_LINE = 4 << 10;

    /** Maximum number of hexadecimal digits of a chunk size, which fit into a {@code long}. */
    private static final int MOST_HEX_DIGITS = 15;

    private static final int MOST_DIGITS = 18;

    /** Length of a chunk that is copied to the one before it. */
    private static final int SHORT_CHUNK = 1 << 10;

    private final boolean toHead;
    private final int maxBytes;
    private final int maxLines;
    private State state = State.HEAD;

    /** The bytes received so far of a head or trailer section. */
    private byte[] section = NONE;

    private int sectionLength;
    /** The position up to which the section was searched for its end, and the start of the last line. */
    private int searched;

    private int lineStart;

    private int status;
    private boolean recent;
    private boolean persistent;
    private Headers headers = Headers.EMPTY;
    private Headers trailers = Headers.EMPTY;
    private ByteBuffer content = EMPTY;
    private long left;
    private int lineLength;
    private int digits;
    private Extension extension = Extension.NONE;
    private boolean returned;

    /** What is wrong after the content that was returned last. */
    private @Nullable ProtocolException malformed;

    /**
     * A reader of the response to one request.
     *
     * @param toHead whether the request is a HEAD
     * @param maxBytes maximum size of a head, and of a trailer section, in bytes
     * @param maxLines maximum number of field lines of each
     */
    ResponseReader(boolean toHead, int maxBytes, int maxLines) {
        this.toHead = toHead;
        this.maxBytes = maxBytes;
        this.maxLines = maxLines;
    }

    int status() {
        return status;
    }

    /** The field lines of the last head. */
    Headers headers() {
        return headers;
    }

    Headers trailers() {
        return trailers;
    }

    /** The latest bytes of the body: a view of the input buffer. */
    ByteBuffer content() {
        return content;
    }

    /**
     * Whether {@link #content()} is the last: the next step is {@link Step#END}.
     *
     * @param in the rest of the input
     */
    boolean isLastContent(ByteBuffer in) {
        int at = in.position();
        return (state == State.COUNTED && left == 0)
                || (state == State.TRAILERS
                        && malformed == null
                        && in.remaining() >= 2
                        && in.get(at) == '\r'
                        && in.get(at + 1) == '\n');
    }

    /** Whether the connection is persistent according to the head. */
    boolean isPersistent() {
        return persistent;
    }

    /**
     * Parses up to the next step.
     *
     * @param in the input; its position advances past the consumed bytes
     * @throws ProtocolException if the response is malformed; the message is for the log
     */
    Step next(ByteBuffer in) throws ProtocolException {
        ProtocolException late = malformed;
        if (late != null) {
            throw late;
        }
        while (true) {
            switch (state) {
                case HEAD -> {
                    return readHead(in);
                }
                case COUNTED -> {
                    if (left == 0) {
                        state = State.END;
                        break;
                    }
                    return readContent(in, State.COUNTED);
                }
                case CHUNK -> {
                    if (left == 0) {
                        state = State.CHUNK_END;
                        break;
                    }
                    return readChunks(in);
                }
                case SIZE -> {
                    if (!readSize(in)) {
                        return Step.MORE;
                    }
                    state = left == 0 ? State.TRAILERS : State.CHUNK;
                }
                case CHUNK_END -> {
                    if (!readChunkEnd(in)) {
                        return Step.MORE;
                    }
                    state = State.SIZE;
                }
                case TRAILERS -> {
                    if (!readTrailers(in)) {
                        return Step.MORE;
                    }
                    state = State.END;
                }
                case UNTIL_CLOSE -> {
                    left = in.remaining();
                    return readContent(in, State.UNTIL_CLOSE);
                }
                case END -> {
                    return Step.END;
                }
            }
        }
    }

    /** Handles the end of the input, which completes only a body that is delimited by it. */
    void end() throws EOFException {
        if (state != State.UNTIL_CLOSE) {
            throw new EOFException("closed within a response");
        }
        state = State.END;
    }

    private Step readContent(ByteBuffer in, State now) {
        int length = (int) Math.min(left, in.remaining());
        if (length == 0) {
            return Step.MORE;
        }
        content = in.slice(in.position(), length);
        in.position(in.position() + length);
        left -= length;
        state = now;
        return Step.CONTENT;
    }

    /**
     * Reads a chunk, and joins the short ones that follow it in {@code in}: their bytes move to the end of the first.
     * What else costs more than the bytes of a short chunk is so done once for all that were received together.
     */
    private Step readChunks(ByteBuffer in) throws ProtocolException {
        Step first = readContent(in, State.CHUNK);
        int start = in.position() - content.remaining();
        int end = in.position();
        if (first != Step.CONTENT || in.isReadOnly()) {
            return first;
        }
        while (left == 0 && isAtShortChunk(in)) {
            int length = (int) Math.min(left, in.remaining());
            in.put(end, in, in.position(), length);
            in.position(in.position() + length);
            end += length;
            left -= length;
        }
        content = in.slice(start, end - start);
        return first;
    }

    /** Reads from the end of a chunk to the content of the next one; false if that is not here, or not short. */
    private boolean isAtShortChunk(ByteBuffer in) {
        try {
            state = State.CHUNK_END;
            if (!readChunkEnd(in)) {
                return false;
            }
            state = State.SIZE;
            if (!readSize(in)) {
                return false;
            }
            state = left == 0 ? State.TRAILERS : State.CHUNK;
            return state == State.CHUNK && left <= SHORT_CHUNK && in.hasRemaining();
        } catch (ProtocolException after) {
            malformed = after;
            return false;
        }
    }

    private Step readHead(ByteBuffer in) throws ProtocolException {
        int end = readSection(in, "head");
        if (end < 0) {
            return Step.MORE;
        }
        ResponseHeadParser parser = new ResponseHeadParser(section, 0, end);
        recent = parser.version();
        status = parser.status();
        headers = parser.fields(maxLines, "header");
        section = NONE;
        frame();
        if (status < 200 && status != 101) {
            state = State.HEAD; // interim responses have no content
            return Step.INTERIM;
        }
        return Step.HEAD;
    }

    /** RFC 9112 §6.3. */
    private void frame() throws ProtocolException {
        List<String> codings = headers.all("Transfer-Encoding");
        List<String> lengths = headers.all("Content-Length");
        persistent = isKept();
        if (!codings.isEmpty()) {
            if (!recent) {
                throw new ProtocolException("Transfer-Encoding in HTTP/1.0");
            }
            if (!lengths.isEmpty()) {
                throw new ProtocolException("Content-Length and Transfer-Encoding");
            }
            if (codings.size() > 1 || !codings.get(0).equalsIgnoreCase("chunked")) {
                throw new ProtocolException("a transfer coding besides chunked");
            }
            state = State.SIZE;
        } else if (!lengths.isEmpty()) {
            left = length(lengths);
            state = State.COUNTED;
        } else {
            state = State.UNTIL_CLOSE;
        }
        if (toHead || status == 101 || status == 204 || status == 304) {
            state = State.END;
        } else if (state == State.UNTIL_CLOSE) {
            persistent = false;
        }
    }

    private boolean isKept() {
        return !headers.hasMember("Connection", "close") && (recent || headers.hasMember("Connection", "keep-alive"));
    }

    private static long length(List<String> lengths) throws ProtocolException {
        String length = lengths.get(0);
        if (lengths.size() > 1 || length.length() > MOST_DIGITS || !FieldValues.isDigits(length)) {
            throw new ProtocolException("Content-Length is not one number"); // RFC 9110 §8.6
        }
        return Long.parseLong(length);
    }

    private boolean readTrailers(ByteBuffer in) throws ProtocolException {
        int end = readSection(in, "trailer section");
        if (end < 0) {
            return false;
        }
        trailers = new ResponseHeadParser(section, 0, end).fields(maxLines, "trailer");
        section = NONE;
        return true;
    }

    /**
     * Collects a head or trailer section, up to the empty line, in {@link #section}.
     *
     * @return the end of the section; -1 if the section is incomplete
     */
    private int readSection(ByteBuffer in, String what) throws ProtocolException {
        int before = sectionLength;
        int some = Math.min(in.remaining(), Math.max(0, maxBytes + 1 - before));
        if (before == 0) {
            section = SCRATCH.get();
        }
        if (before + some > section.length) { // doubles, up to the limit
            section = Arrays.copyOf(section, Math.min(maxBytes + 1, Math.max(before + some, 2 * section.length)));
        }
        in.get(in.position(), section, before, some);
        int end = sectionEnd(before + some);
        if (end < 0) {
            if (before + some > maxBytes) {
                throw new ProtocolException("a " + what + " of more than " + maxBytes + " bytes");
            }
            in.position(in.position() + some);
            sectionLength = before + some;
            if (section == SCRATCH.get()) {
                section = Arrays.copyOf(section, sectionLength);
            }
            return -1;
        }
        if (end > maxBytes) {
            throw new ProtocolException("a " + what + " of more than " + maxBytes + " bytes");
        }
        in.position(in.position() + end - before);
        sectionLength = 0;
        searched = 0;
        lineStart = 0;
        return end;
    }

    private int sectionEnd(int length) throws ProtocolException {
        if (state == State.HEAD && searched < length && searched < 8) {
            ResponseHeadParser.checkBeginning(section, length);
        }
        for (int i = searched; i < length; i++) {
            if (section[i] == '\n') {
                if (i == lineStart || section[i - 1] != '\r') {
                    throw new ProtocolException("a line that ends in LF alone");
                }
                if (i == lineStart + 1) {
                    return i + 1;
                }
                lineStart = i + 1;
            }
        }
        searched = length;
        return -1;
    }

    /** Parses a chunk-size line, ignoring extensions (RFC 9112 §7.1); false if the line is incomplete. */
    private boolean readSize(ByteBuffer in) throws ProtocolException {
        while (in.hasRemaining()) {
            byte c = in.get();
            if (++lineLength > LONGEST_SIZE_LINE) {
                throw new ProtocolException("a chunk extension that is too long");
            }
            if (returned) {
                if (c != '\n') {
                    throw new ProtocolException("CR within a chunk's line");
                }
                if (digits == 0 || !extension.mayEnd()) {
                    throw new ProtocolException("a chunk without a size, or with half an extension");
                }
                lineLength = 0;
                digits = 0;
                extension = Extension.NONE;
                returned = false;
                return true;
            }
            if (c == '\r') {
                returned = true;
            } else if (extension != Extension.NONE) {
                extension = extension.next(c);
            } else {
                readSizeDigit(c);
            }
        }
        return false;
    }

    private void readSizeDigit(byte c) throws ProtocolException {
        int digit = c < 0 ? -1 : Character.digit(c, 16);
        if (digit >= 0) {
            left = digits == 0 ? digit : left * 16 + digit;
            digits++;
            if (digits > MOST_HEX_DIGITS) {
                throw new ProtocolException("a chunk's size that is too long");
            }
        } else if (digits > 0 && c == ';') {
            extension = Extension.BEGINNING;
        } else {
            throw new ProtocolException("a chunk's size that is no number");
        }
    }

    private boolean readChunkEnd(ByteBuffer in) throws ProtocolException {
        while (in.hasRemaining()) {
            byte c = in.get();
            if (c != (returned ? '\n' : '\r')) {
                throw new ProtocolException("a chunk that is longer than its size");
            }
            returned = !returned;
            if (!returned) {
                return true;
            }
        }
        return false;
    }
}
