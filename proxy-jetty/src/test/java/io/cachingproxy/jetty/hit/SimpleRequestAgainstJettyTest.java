package io.cachingproxy.jetty.hit;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import io.cachingproxy.jetty.front.RequestGuard;
import io.cachingproxy.net.JettyHeaders;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.eclipse.jetty.http.HostPortHttpField;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.BufferUtil;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whatever is read without Jetty would have meant the very same to Jetty, and passed the guard. */
class SimpleRequestAgainstJettyTest {
    private static final int REQUESTS = 200_000;
    private static final int LONGEST = 8 << 10;
    private static final int LINES = 200;

    @Test
    void what_is_read_of_200_000_requests_means_the_same_to_jetty() {
        RequestGrammar grammar = new RequestGrammar(20261);
        int read = 0;
        for (int i = 0; i < REQUESTS; i++) {
            String request = grammar.next();
            int longest = grammar.below(4) == 0 ? 40 + grammar.below(200) : LONGEST;
            int lines = grammar.below(4) == 0 ? grammar.below(8) : LINES;
            if (isReadAlike(RequestGrammar.bytes(request), longest, lines)) {
                read++;
            }
        }
        assertThat(read).isBetween(REQUESTS / 5, REQUESTS * 4 / 5);
    }

    @Test
    void any_byte_anywhere_in_a_request_leaves_it_to_jetty_or_means_the_same_to_it() {
        byte[] request = RequestGrammar.bytes(
                "GET /a.b/%41c?d=%42 HTTP/1.1\r\nHost: ab.c:80\r\nAccept: x, y\r\nConnection: keep-alive\r\nX:\r\n\r\n");
        assertThat(readAlikeWithAnyByte(request, 0)).isGreaterThan(1000);
    }

    @Test
    void any_byte_in_the_version_of_a_request_that_keeps_the_connection_does_so_too() {
        String request = "GET /a HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n";
        assertThat(readAlikeWithAnyByte(RequestGrammar.bytes(request), request.indexOf(" HTTP")))
                .isGreaterThan(100);
    }

    @Test
    void any_byte_in_a_request_with_content_leaves_it_to_jetty_or_means_the_same_to_it() {
        byte[] request = RequestGrammar.bytes(
                "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\nX: y\r\n\r\n0123\r\n\r\nabcd and the next");
        assertThat(readAlikeWithAnyByte(request, 0)).isGreaterThan(1000);
    }

    /** Number of requests that are read, with each byte from {@code start} on changed to any other. */
    private static int readAlikeWithAnyByte(byte[] request, int start) {
        int read = 0;
        for (int at = start; at < request.length; at++) {
            for (int value = 0; value < 256; value++) {
                byte[] changed = request.clone();
                changed[at] = (byte) value;
                read += isReadAlike(changed, LONGEST, LINES) ? 1 : 0;
            }
        }
        return read;
    }

    /** Whether it is read; fails if that is not what Jetty reads. */
    private static boolean isReadAlike(byte[] bytes, int longest, int lines) {
        SimpleRequest request = SimpleRequest.read(ByteBuffer.wrap(bytes), longest, lines);
        if (request == null) {
            return false;
        }
        String different;
        try {
            byte[] content = BufferUtil.toArray(request.content(ByteBuffer.wrap(bytes)));
            Parsed parsed = new Parsed(bytes, longest);
            different = Arrays.equals(content, parsed.content.toByteArray())
                    ? parsed.difference(request, lines)
                    : "content " + parsed.content;
        } catch (IllegalArgumentException refused) {
            different = refused.toString();
        }
        if (different != null) {
            throw new AssertionError(different + ": " + new String(bytes, StandardCharsets.ISO_8859_1));
        }
        return true;
    }

    /** The same bytes as Jetty's connection reads them. */
    private static final class Parsed implements HttpParser.RequestHandler {
        private final HttpFields.Mutable fields = HttpFields.build();
        private final int end;
        private @Nullable String method;
        private @Nullable String target;
        private @Nullable HttpVersion version;
        private @Nullable HostPortHttpField host;
        private @Nullable String fault;
        private final ByteArrayOutputStream content = new ByteArrayOutputStream();
        private final boolean chunked;
        private boolean complete;

        Parsed(byte[] bytes, int longest) {
            HttpParser parser = new HttpParser(this, longest, HttpCompliance.STRICT);
            parser.setHeaderCacheSize(0);
            parser.setHeaderCacheCaseSensitive(true);
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            parser.parseNext(buffer);
            chunked = parser.isChunking();
            end = buffer.position();
        }

        /** What is not as in {@code request}, in words; null if all is. */
        @Nullable
        String difference(SimpleRequest request, int lines) {
            if (fault != null || !complete || chunked || !isVersion(request.http10())) {
                return fault + ", complete " + complete + ", chunked " + chunked + ", version " + version;
            }
            if (!request.method().equals(method) || request.end() != end) {
                return method + " to " + end + ", not to " + request.end();
            }
            if (!isSame(request.headers(), JettyHeaders.of(fields))) {
                return fields.toString();
            }
            HttpURI uri = HttpURI.build(method, target);
            if (!request.target().equals(uri.getPathQuery())
                    || uri.getFragment() != null
                    || uri.getUser() != null
                    || uri.getScheme() != null
                    || uri.hasAuthority()
                    || uri.getCanonicalPath() == null) {
                return "URI " + uri;
            }
            boolean violated = !uri.getViolations().stream().allMatch(UriCompliance.UNSAFE::allows);
            if (violated || host == null || host.getHostPort().getHost().isBlank()) {
                return "URI " + uri + ", host " + host;
            }
            return refusal(uri, lines);
        }

        /** The version, and of HTTP/1.0 a connection that stays. */
        private boolean isVersion(boolean http10) {
            return http10
                    ? version == HttpVersion.HTTP_1_0 && fields.contains(HttpHeader.CONNECTION, "keep-alive")
                    : version == HttpVersion.HTTP_1_1;
        }

        private static boolean isSame(Headers ours, Headers theirs) {
            boolean same = ours.size() == theirs.size();
            for (int i = 0; same && i < ours.size(); i++) {
                same = ours.name(i).equalsIgnoreCase(theirs.name(i))
                        && ours.value(i).equals(theirs.value(i));
            }
            return same;
        }

        private @Nullable String refusal(HttpURI uri, int lines) {
            Request request = (Request) Proxy.newProxyInstance(
                    Request.class.getClassLoader(),
                    new Class<?>[] {Request.class},
                    (self, asked, arguments) -> switch (asked.getName()) {
                        case "getHeaders" -> fields;
                        case "getMethod" -> method;
                        case "getHttpURI" -> uri;
                        default -> throw new UnsupportedOperationException(asked.getName());
                    });
            try {
                new RequestGuard(lines, "http").customize(request, HttpFields.build());
                return null;
            } catch (HttpException.RuntimeException refused) {
                return "refused with " + refused.getCode();
            }
        }

        @Override
        public void startRequest(String startedMethod, String uri, HttpVersion startedVersion) {
            method = startedMethod;
            target = uri;
            version = startedVersion;
        }

        @Override
        public void parsedHeader(HttpField field) {
            fields.add(field);
            if (field.getHeader() == HttpHeader.HOST) {
                host = field instanceof HostPortHttpField known ? known : new HostPortHttpField(field.getValue());
            }
        }

        @Override
        public boolean headerComplete() {
            return false;
        }

        @Override
        public boolean content(ByteBuffer piece) {
            byte[] bytes = BufferUtil.toArray(piece);
            content.write(bytes, 0, bytes.length);
            piece.position(piece.limit());
            return false;
        }

        @Override
        public boolean contentComplete() {
            return false;
        }

        @Override
        public boolean messageComplete() {
            complete = true;
            return true;
        }

        @Override
        public void earlyEOF() {
            fault = "early end";
        }

        @Override
        public void badMessage(HttpException failure) {
            fault = "bad message " + failure.getCode() + " " + failure.getReason();
        }
    }
}
