package io.cachingproxy.origin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import io.cachingproxy.net.JettyHeaders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpVersion;
import org.junit.jupiter.api.Test;

/** Whatever the reader takes for a response is the same response to the parser of Jetty's client. */
class ResponseReaderAgainstJettyTest {
    private static final int RESPONSES = 200_000;
    private static final int LONGEST = 4 << 10;
    private static final int LINES = 20;

    /** A response as one of both reads it: what can be told of it, in one string, and how many bytes it has. */
    private record Read(String meaning, int length) {}

    @Test
    void what_is_read_of_200_000_responses_means_the_same_to_jetty() {
        ResponseGrammar grammar = new ResponseGrammar(20262);
        int read = 0;
        for (int i = 0; i < RESPONSES; i++) {
            byte[] bytes = grammar.next().getBytes(ISO_8859_1);
            if (isReadAlike(bytes, grammar.below(8) == 0, grammar)) {
                read++;
            }
        }
        assertThat(read).isBetween(RESPONSES / 5, RESPONSES * 4 / 5);
    }

    @Test
    void well_formed_responses_are_read() {
        ResponseGrammar grammar = new ResponseGrammar(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = grammar.wellFormed().getBytes(ISO_8859_1);
            assertThat(isReadAlike(bytes, false, grammar))
                    .as(() -> new String(bytes, ISO_8859_1))
                    .isTrue();
        }
    }

    @Test
    void any_byte_anywhere_in_a_response_makes_it_none_or_means_the_same_to_jetty() {
        ResponseGrammar grammar = new ResponseGrammar(1);
        int read = 0;
        for (String response : List.of(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: b, c\r\n\r\n5;a=b\r\nhello\r\n0\r\nSum: 7\r\n\r\n",
                "HTTP/1.0 404 Not\r\nContent-Length: 12\r\nConnection: keep-alive\r\nDate:\r\n\r\nhello, world",
                "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 204 None\r\n\r\n")) {
            byte[] bytes = response.getBytes(ISO_8859_1);
            for (int at = 0; at < bytes.length; at++) {
                for (int value = 0; value < 256; value++) {
                    byte[] changed = bytes.clone();
                    changed[at] = (byte) value;
                    read += isReadAlike(changed, false, grammar) ? 1 : 0;
                }
            }
        }
        assertThat(read).isGreaterThan(5000);
    }

    /** Whether it is read, in whatever pieces it comes; fails if that is not what Jetty reads. */
    private static boolean isReadAlike(byte[] bytes, boolean toHead, ResponseGrammar grammar) {
        Read ours = read(bytes, toHead, () -> bytes.length);
        Read inPieces = read(bytes, toHead, () -> 1 + grammar.below(9));
        String shown = new String(bytes, ISO_8859_1);
        assertSame(ours, inPieces, shown);
        if (ours.length < 0) {
            return false;
        }
        if (toHead && ours.meaning.contains("transfer-encoding")) {
            return true; // there is no content (RFC 9112 §6.3), but Jetty reads chunks
        }
        Read theirs;
        try {
            theirs = new Parsed(bytes, toHead).read();
        } catch (RuntimeException refused) {
            theirs = new Read(refused.toString(), -1);
        }
        boolean obsolete = theirs.meaning.contains("OTEXT"); // in a reason phrase, where it is allowed (RFC 9112 §4)
        assertSame(obsolete ? ours : theirs, ours, shown);
        return true;
    }

    private static void assertSame(Read expected, Read ours, String shown) {
        boolean same = expected.length < 0 ? ours.length < 0 : expected.equals(ours);
        if (!same) {
            throw new AssertionError(ours + " but " + expected + " of " + shown);
        }
    }

    private interface Piece {
        int length();
    }

    private static Read read(byte[] bytes, boolean toHead, Piece piece) {
        StringBuilder meaning = new StringBuilder();
        ResponseReader reader = new ResponseReader(toHead, LONGEST, LINES);
        ByteBuffer in = ByteBuffer.allocate(0);
        int given = 0;
        boolean last = false;
        try {
            while (true) {
                ResponseReader.Step step = reader.next(in);
                if (last && step != ResponseReader.Step.END) {
                    throw new AssertionError(step + " after the last content of " + new String(bytes, ISO_8859_1));
                }
                last = step == ResponseReader.Step.CONTENT && reader.isLastContent(in);
                switch (step) {
                    case MORE -> {
                        if (given == bytes.length) {
                            reader.end();
                            return new Read(
                                    meaning.append(reader.trailers().size()).toString(), given);
                        }
                        int length = Math.min(piece.length(), bytes.length - given);
                        in = ByteBuffer.allocateDirect(length)
                                .put(bytes, given, length)
                                .flip();
                        given += length;
                    }
                    case INTERIM, HEAD ->
                        meaning.append(reader.status()).append(' ').append(text(reader.headers()));
                    case CONTENT -> meaning.append(ISO_8859_1.decode(reader.content()));
                    case END -> {
                        String trailers = reader.trailers().isEmpty() ? "0" : text(reader.trailers());
                        return new Read(meaning.append(trailers).toString(), given - in.remaining());
                    }
                }
            }
        } catch (IOException refused) {
            return new Read(refused.toString(), -1);
        }
    }

    private static String text(Headers headers) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < headers.size(); i++) {
            text.append(headers.name(i).toLowerCase(Locale.ROOT))
                    .append('=')
                    .append(headers.value(i))
                    .append(';');
        }
        return text.toString();
    }

    /** The same bytes as Jetty's client reads them. */
    private static final class Parsed implements HttpParser.ResponseHandler {
        private final StringBuilder meaning = new StringBuilder();
        private final HttpParser parser;
        private final ByteBuffer buffer;
        private final List<HttpField> fields = new ArrayList<>();
        private final HttpFields.Mutable trailers = HttpFields.build();
        private int status;
        private HttpVersion version = HttpVersion.HTTP_1_1;
        private final boolean toHead;
        private boolean complete;

        Parsed(byte[] bytes, boolean toHead) {
            this.toHead = toHead;
            parser = new HttpParser(this, LONGEST, HttpCompliance.STRICT);
            parser.setHeaderCacheSize(0);
            parser.setHeaderCacheCaseSensitive(true);
            parser.setHeadResponse(toHead);
            buffer = ByteBuffer.wrap(bytes);
        }

        Read read() {
            while (!complete && buffer.hasRemaining()) {
                parser.parseNext(buffer);
            }
            if (!complete) {
                parser.atEOF();
                parser.parseNext(ByteBuffer.allocate(0));
            }
            if (!complete) {
                throw new IllegalStateException("incomplete");
            }
            String end = trailers.size() == 0 ? "0" : text(JettyHeaders.of(trailers));
            return new Read(meaning.append(end).toString(), buffer.position());
        }

        @Override
        public void startResponse(HttpVersion startedVersion, int startedStatus, String reason) {
            version = startedVersion;
            status = startedStatus;
        }

        @Override
        public void parsedHeader(HttpField field) {
            fields.add(field);
        }

        @Override
        public boolean headerComplete() {
            HttpFields.Mutable all = HttpFields.build();
            fields.forEach(all::add);
            if (all.contains(HttpHeader.TRANSFER_ENCODING) && version != HttpVersion.HTTP_1_1) {
                throw new IllegalStateException("chunks in HTTP/1.0");
            }
            meaning.append(status).append(' ').append(text(JettyHeaders.of(all)));
            return false;
        }

        @Override
        public boolean content(ByteBuffer piece) {
            meaning.append(ISO_8859_1.decode(piece));
            return false;
        }

        @Override
        public boolean contentComplete() {
            return false;
        }

        @Override
        public void parsedTrailer(HttpField field) {
            trailers.add(field);
        }

        @Override
        public boolean messageComplete() {
            if (status >= 100 && status < 200 && status != 101) {
                fields.clear();
                parser.reset();
                parser.setHeadResponse(toHead);
            } else {
                complete = true;
            }
            return true;
        }

        @Override
        public void earlyEOF() {
            throw new IllegalStateException("early end");
        }

        @Override
        public void badMessage(HttpException failure) {
            throw new IllegalStateException("bad message " + failure.getReason());
        }
    }

    /** Makes up responses: good ones, and good ones that something was done to. */
    private static final class ResponseGrammar {
        private static final String[] LINES = {
            "Date: Thu, 01 Jan 2026 00:00:00 GMT",
            "date:x",
            "Cache-Control: max-age=60, private=\"a, b\"",
            "ETag: \"1\"",
            "X:",
            "X-Y_z:  padded\t ",
            "Connection: keep-alive",
            "Connection: close, X",
            "Content-Type: text/plain",
            "VARY: *",
            "Set-Cookie: a=\u00e4"
        };
        private static final String[] PIECES = {
            "\r\n",
            "\n",
            "\r",
            " ",
            "\t",
            ":",
            ";",
            ",",
            "0",
            "-1",
            "f",
            "HTTP/1.1 ",
            "chunked",
            "\u0000",
            "\u007f",
            "\u0080"
        };
        private final SplittableRandom random;

        ResponseGrammar(long seed) {
            random = new SplittableRandom(seed);
        }

        int below(int bound) {
            return random.nextInt(bound);
        }

        private String of(String... choices) {
            return choices[below(choices.length)];
        }

        String wellFormed() {
            StringBuilder text = new StringBuilder();
            while (below(8) == 0) {
                text.append("HTTP/1.1 ")
                        .append(of("100 Continue", "103 Early Hints", "102 "))
                        .append("\r\n");
                lines(text, 2);
                text.append("\r\n");
            }
            boolean chunked = below(3) == 0;
            String status = of("200 OK", "404 Not Found", "500 ", "206 A b \u00e4", "999 Odd");
            text.append(chunked || below(4) > 0 ? "HTTP/1.1 " : "HTTP/1.0 ");
            text.append(below(8) == 0 ? of("204 None", "304 Not Modified") : status)
                    .append("\r\n");
            lines(text, 5);
            if (chunked) {
                text.append(of("Transfer-Encoding: chunked", "transfer-encoding:Chunked"))
                        .append("\r\n\r\n");
                if (text.indexOf(" 204 ") < 0 && text.indexOf(" 304 ") < 0) {
                    chunks(text);
                }
            } else if (below(4) > 0) {
                String body = "x".repeat(below(30));
                text.append("Content-Length: ")
                        .append(body.length())
                        .append("\r\n\r\n")
                        .append(body);
            } else {
                text.append("\r\n").append("until the end", 0, below(13));
            }
            return text.toString();
        }

        private void lines(StringBuilder text, int most) {
            for (int i = below(most); i > 0; i--) {
                text.append(of(LINES)).append("\r\n");
            }
        }

        private void chunks(StringBuilder text) {
            for (int i = below(4); i > 0; i--) {
                int length = 1 + below(20);
                text.append(below(4) == 0 ? "00" : "").append(Integer.toHexString(length));
                text.append(of("", "", ";a", ";a=\"b\"")).append("\r\n");
                text.append("y".repeat(length)).append("\r\n");
            }
            text.append("0\r\n");
            lines(text, 3);
            text.append("\r\n");
        }

        String next() {
            StringBuilder text = new StringBuilder(wellFormed());
            for (int i = below(4); i > 0 && text.length() > 0; i--) {
                int at = below(text.length());
                switch (below(6)) {
                    case 0 -> text.insert(at, of(PIECES));
                    case 1 -> text.deleteCharAt(at);
                    case 2 -> text.setCharAt(at, (char) below(256));
                    case 3 -> text.setLength(at);
                    case 4 -> text.insert(at, text.substring(at, Math.min(text.length(), at + below(40))));
                    default -> {
                        int line = text.indexOf("\r\n", at);
                        if (line >= 0) {
                            text.insert(
                                    line + 2,
                                    of(
                                            "Content-Length: 3\r\n",
                                            "Transfer-Encoding: chunked\r\n",
                                            "Transfer-Encoding: gzip, chunked\r\n",
                                            "Content-Length: 3, 3\r\n",
                                            " folded\r\n"));
                        }
                    }
                }
            }
            return text.toString();
        }
    }
}
