package io.cachingproxy.jetty.hit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/** Makes up requests: good ones, and good ones that something was done to. */
final class RequestGrammar {
    private static final String[] METHODS = {
        "GET", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "get", "OPTIONS", "POSTS", "PURGE"
    };
    private static final String[] HOSTS = {
        "proxy",
        "a.example:80",
        "127.0.0.1",
        "-",
        ".",
        "a..b",
        "1",
        "a:0",
        "a:00000",
        "a:59999",
        "a:65536",
        "[::1]:80",
        "_",
        ""
    };
    private static final String[] NAMES = {
        "Accept",
        "accept",
        "ACCEPT-encoding",
        "User-Agent",
        "Cookie",
        "Range",
        "If-None-Match",
        "Cache-Control",
        "Authorization",
        "X-Forwarded-For",
        "Forwarded",
        "Via",
        "Max-Forwards",
        "Pragma",
        "Keep-Alive",
        "Origin",
        "Age",
        "Content-Type",
        "Content-Encoding",
        "Proxy-Connection",
        "Date",
        "Sec-WebSocket-Key",
        "Early-Data",
        "X",
        "x-y_z"
    };
    private static final String[] CONNECTION = {
        "Connection: keep-alive",
        "Connection: close",
        "TE: trailers",
        "Expect: 100-continue",
        "Upgrade: h2c",
        "Content-Length: 0",
        "Content-Length: 3",
        "Transfer-Encoding: chunked",
        "Trailer: X"
    };
    private static final String[] VALUES = {
        "",
        "*/*",
        "gzip, deflate",
        "W/\"a\"",
        "bytes=0-1,2-",
        "a=b; c=\"d;e\"",
        "max-age=0",
        "keep-alive",
        "close",
        "  two  spaces  ",
        "for=\"[::1]\"",
        "\"",
        "\\",
        ",",
        ":",
        "Host: b",
        "100-continue",
        "{}",
        "-1",
        "0"
    };
    private static final String[] SEGMENTS = {
        "a",
        "b.c",
        "index.html",
        "%41",
        "%C3%A9",
        "%2F",
        "%00",
        "%ff",
        "%25",
        "x:y@z",
        "~-_!$&'()*+,=",
        "a..",
        "...",
        ".",
        "..",
        "",
        "%2e",
        "%2E.",
        ";v=1",
        "a%"
    };
    private static final String[] QUERIES = {
        "", "a=b", "q=%zz", "a[]=1|2", "/../", "?", "a;b", "%2e%2e", "%ff", "x=//y", "a+b", "\"", "#"
    };
    private static final String[] NASTY = {
        "\0",
        "\1",
        "\t",
        "\n",
        "\r",
        "\r\n",
        "\r\n\r\n",
        " ",
        "  ",
        "\u007f",
        "\u0080",
        "\u00e9",
        "\u00ff",
        ":",
        "/",
        "//",
        ".",
        "/..",
        "%",
        "%2e",
        "%2",
        "#",
        "?",
        ";",
        "\\",
        "\"",
        "<",
        ">",
        "[",
        "]",
        "{",
        "|",
        "^",
        "`",
        "@",
        ",",
        "0",
        "e",
        "G",
        "\r\nHost: b",
        "\r\n x",
        "HTTP/1.0",
        " HTTP/1.1",
        "http://a",
        "Transfer-Encoding: chunked\r\n"
    };

    private final SplittableRandom random;

    RequestGrammar(long seed) {
        random = new SplittableRandom(seed);
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    /** One request or two, each char one byte. */
    String next() {
        String one = random.nextInt(3) == 0 ? good() : mutated(good());
        return switch (random.nextInt(8)) {
            case 0 -> one + good();
            case 1 -> one + mutated(good());
            default -> one;
        };
    }

    static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }

    private String one(String... of) {
        return of[random.nextInt(of.length)];
    }

    /** Mostly one of the first, seldom any. */
    private String oneOfFirst(int first, String... of) {
        return of[random.nextInt(random.nextInt(8) == 0 ? of.length : first)];
    }

    private String good() {
        StringBuilder request = new StringBuilder(oneOfFirst(7, METHODS)).append(' ');
        int segments = 1 + random.nextInt(3);
        for (int i = 0; i < segments; i++) {
            request.append('/').append(oneOfFirst(12, SEGMENTS));
        }
        if (random.nextInt(3) == 0) {
            request.append('?').append(oneOfFirst(11, QUERIES));
        }
        request.append(random.nextInt(8) == 0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
        List<String> lines = new ArrayList<>();
        lines.add("Host: " + oneOfFirst(3, HOSTS));
        int fields = random.nextInt(6);
        for (int i = 0; i < fields; i++) {
            lines.add(one(NAMES) + (random.nextInt(5) == 0 ? ":" : ": ") + one(VALUES));
        }
        if (random.nextInt(4) == 0) {
            lines.add(oneOfFirst(1, CONNECTION));
        }
        String content = random.nextInt(3) == 0 ? content(lines) : "";
        if (random.nextInt(3) == 0) {
            Collections.swap(lines, 0, random.nextInt(lines.size()));
        }
        lines.forEach(line -> request.append(line).append("\r\n"));
        return request.append("\r\n").append(content).toString();
    }

    /** Content with its length among {@code lines}, mostly in its only usual form. */
    private String content(List<String> lines) {
        String content = one("", "a", "0\r\n\r\n", "GET /a HTTP/1.1\r\nHost: a\r\n\r\n", "\0\u00ff");
        String length = String.valueOf(content.length());
        String name = oneOfFirst(2, "Content-Length: ", "content-length:", "Content-Length:\t", "Content_Length: ");
        lines.add(name
                + oneOfFirst(
                        1,
                        length,
                        "0" + length,
                        "+" + length,
                        "-1",
                        length + ',' + length,
                        length + '0',
                        "",
                        "x",
                        "1e1"));
        if (random.nextInt(16) == 0) {
            lines.add("Content-Length: " + one(length, "0", "7"));
        }
        return content;
    }

    private String mutated(String request) {
        StringBuilder bytes = new StringBuilder(request);
        int mutations = 1 + random.nextInt(random.nextInt(4) == 0 ? 4 : 1);
        for (int i = 0; i < mutations; i++) {
            mutate(bytes);
        }
        return bytes.toString();
    }

    private void mutate(StringBuilder bytes) {
        int at = random.nextInt(bytes.length() + 1);
        int end = Math.min(bytes.length(), at + 1 + random.nextInt(random.nextInt(4) == 0 ? 20 : 1));
        switch (random.nextInt(6)) {
            case 0 -> bytes.insert(at, one(NASTY));
            case 1 -> bytes.delete(at, end);
            case 2 -> bytes.replace(at, end, one(NASTY));
            case 3 -> bytes.insert(at, bytes.substring(at, end));
            case 4 -> swapLines(bytes);
            default -> bytes.insert(at, (char) random.nextInt(256));
        }
        if (bytes.isEmpty()) {
            bytes.append(one(NASTY));
        }
    }

    private void swapLines(StringBuilder bytes) {
        String[] lines = bytes.toString().split("(?<=\r\n)");
        int one = random.nextInt(lines.length);
        int other = random.nextInt(lines.length);
        String kept = lines[one];
        lines[one] = lines[other];
        if (random.nextInt(3) != 0) { // else the line is there twice
            lines[other] = kept;
        }
        bytes.setLength(0);
        bytes.append(String.join("", lines));
    }
}
