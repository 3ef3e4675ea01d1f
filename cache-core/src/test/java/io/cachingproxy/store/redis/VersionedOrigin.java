package io.cachingproxy.store.redis;

import io.cachingproxy.Exchange;
import io.cachingproxy.Origin;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An origin whose bodies tell their path, version and language in every line, and whose ETag tells the version. The path
 * begins with the length of its bodies; a POST makes a new version. It knows ranges and conditions.
 */
final class VersionedOrigin implements Origin {
    private static final Pattern PATH = Pattern.compile("/(\\d+)/.*");
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");

    private final Map<String, AtomicLong> versions = new ConcurrentHashMap<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final Executor executor;

    /** An origin that answers on {@code executor}; what it says is settled when it is asked. */
    VersionedOrigin(Executor executor) {
        this.executor = executor;
    }

    private AtomicLong version(String path) {
        return versions.computeIfAbsent(path, p -> new AtomicLong(1));
    }

    /** Makes a new version of what is at {@code path}, and returns its number. */
    long change(String path) {
        return version(path).incrementAndGet();
    }

    int requests() {
        return requests.get();
    }

    static long version(ResponseHead head) {
        String tag = String.valueOf(head.headers().first("ETag"));
        return Long.parseLong(tag.replaceAll("[^0-9]", ""));
    }

    static byte[] body(String path, long version, String language) {
        Matcher length = PATH.matcher(path);
        if (!length.matches()) {
            throw new IllegalArgumentException(path);
        }
        byte[] line = (path + '|' + version + '|' + language + '\n').getBytes(StandardCharsets.UTF_8);
        byte[] body = new byte[Integer.parseInt(length.group(1))];
        for (int done = 0; done < body.length; done += line.length) {
            System.arraycopy(line, 0, body, done, Math.min(line.length, body.length - done));
        }
        return body;
    }

    @Override
    public void fetch(RequestHead request, Content content, Exchange exchange) {
        requests.incrementAndGet();
        String path = request.target().pathAndQuery();
        long version = request.isSafe() ? version(path).get() : change(path);
        executor.execute(() -> answer(request, path, version, exchange));
    }

    private static void answer(RequestHead request, String path, long version, Exchange exchange) {
        String tag = "\"v" + version + '"';
        Headers headers = Headers.of(
                "ETag",
                tag,
                "Cache-Control",
                path.contains("private") ? "no-store" : "max-age=3600",
                "Cache-Tag",
                "all");
        if (!request.isSafe()) {
            push(exchange, 200, headers, new byte[0]);
            return;
        }
        if (path.contains("vary")) {
            headers = headers.plus("Vary", "Accept-Language");
        }
        if (tag.equals(request.headers().first("If-None-Match"))) {
            push(exchange, 304, headers, new byte[0]);
            return;
        }
        String language = request.headers().first("Accept-Language");
        byte[] body = body(path, version, path.contains("vary") && language != null ? language : "");
        String condition = request.headers().first("If-Range");
        String range = request.headers().first("Range");
        Matcher part = RANGE.matcher(range == null || condition != null && !condition.equals(tag) ? "" : range);
        if (!part.matches() || Integer.parseInt(part.group(1)) >= body.length) {
            push(exchange, 200, headers, body);
            return;
        }
        int from = Integer.parseInt(part.group(1));
        int last =
                part.group(2).isEmpty() ? body.length - 1 : Math.min(Integer.parseInt(part.group(2)), body.length - 1);
        headers = headers.plus("Content-Range", "bytes " + from + '-' + last + '/' + body.length);
        push(exchange, 206, headers, Arrays.copyOfRange(body, from, last + 1));
    }

    private static void push(Exchange exchange, int status, Headers headers, byte[] body) {
        Headers all = status == 304 ? headers : headers.plus("Content-Length", Integer.toString(body.length));
        exchange.onHead(new ResponseHead(status, all));
        piece(exchange, ByteBuffer.wrap(body));
    }

    private static void piece(Exchange exchange, ByteBuffer rest) {
        if (!rest.hasRemaining()) {
            exchange.onComplete(Headers.EMPTY);
            return;
        }
        int count = Math.min(rest.remaining(), 64 * 1024);
        ByteBuffer next = rest.slice(rest.position() + count, rest.remaining() - count);
        exchange.onBody(Chunk.of(rest.slice(rest.position(), count)), () -> piece(exchange, next));
    }
}
