package io.cachingproxy.cli.config;

import io.cachingproxy.cli.config.TestCase.Expectation;
import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import java.net.InetAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads {@code tests}. */
final class TestReader {
    private final Problems problems;

    TestReader(Problems problems) {
        this.problems = problems;
    }

    List<TestCase> read(@Nullable Value list) {
        List<TestCase> tests = new ArrayList<>();
        List<Value> items = ConfigurationReader.items(list, problems);
        for (int i = 0; i < items.size(); i++) {
            Value item = items.get(i);
            String otherwise = "test " + (i + 1);
            TestCase test = problems.attempt(item, () -> test(item, otherwise));
            if (test != null) {
                tests.add(test);
            }
        }
        return tests;
    }

    private TestCase test(Value item, String otherwise) {
        Map<String, Value> keys = item.section(Keys.TEST);
        Value name = keys.get("name");
        Value request = keys.get("request");
        Value expect = keys.get("expect");
        if (request == null) {
            throw item.wrong("has no request: write request: GET https://example.org/");
        }
        if (expect == null) {
            throw item.wrong("expects nothing: write expect: {stored: true}");
        }
        Value response = keys.get("response");
        return new TestCase(
                name == null ? otherwise : name.text(),
                request.isMap() ? request(request) : request.parsed(text -> request(text, Headers.EMPTY)),
                Optional.ofNullable(request.isMap() ? client(request) : null),
                response == null ? new ResponseHead(200, Headers.EMPTY) : response(response),
                expectations(expect));
    }

    private static RequestHead request(String text, Headers headers) {
        String[] parts = text.strip().split(" +", -1);
        if (parts.length != 2) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a request: write a method and a URL, as GET https://example.org/");
        }
        return new RequestHead(parts[0], Target.of(URI.create(parts[1])), headers);
    }

    private static RequestHead request(Value map) {
        Map<String, Value> keys = map.section(Keys.TEST_REQUEST);
        Value url = keys.get("url");
        Value method = keys.get("method");
        if (url == null) {
            throw map.wrong("has no url");
        }
        Target target = url.parsed(text -> Target.of(URI.create(text)));
        return new RequestHead(method == null ? "GET" : method.text(), target, headers(keys.get("headers")));
    }

    private static @Nullable InetAddress client(Value request) {
        Value client = request.section(Keys.TEST_REQUEST).get("client");
        return client == null ? null : client.parsed(TestReader::address);
    }

    private static InetAddress address(String text) {
        InetAddress address = AddressRanges.literal(text);
        if (address == null) {
            throw new IllegalArgumentException("'" + text + "' is not an address");
        }
        return address;
    }

    private static ResponseHead response(Value map) {
        Map<String, Value> keys = map.section(Keys.TEST_RESPONSE);
        Value status = keys.get("status");
        int code = status == null ? 200 : status.number();
        if (status != null && (code < 200 || code > 599)) {
            throw status.wrong("'" + code + "' is not a final status: write 200 to 599");
        }
        return new ResponseHead(code, headers(keys.get("headers")));
    }

    private static Headers headers(@Nullable Value map) {
        Headers.Builder headers = Headers.builder();
        if (map != null) {
            map.named().forEach((name, value) -> value.texts().forEach(text -> headers.add(name, text)));
        }
        return headers.build();
    }

    private List<Expectation> expectations(Value expect) {
        List<Expectation> all = new ArrayList<>();
        Map<String, Value> keys = expect.section(Keys.EXPECT);
        if (keys.isEmpty()) {
            throw expect.wrong("is empty: write " + Keys.EXPECT.examples());
        }
        keys.forEach((key, value) -> {
            if (key.equals("headers")) {
                value.named()
                        .forEach((name, header) -> all.add(new Expectation(
                                header.place(), "header " + name, header.isNull() ? TestCase.ABSENT : header.text())));
            } else {
                String text = problems.attempt(value, () -> expected(key, value));
                if (text != null) {
                    all.add(new Expectation(value.place(), key, text));
                }
            }
        });
        return all;
    }

    private static String expected(String key, Value value) {
        return switch (key) {
            case "rules" -> value.texts().toString();
            case "ttl" -> Durations.text(value.parsed(Durations::parse));
            case "stored", "bypass" -> String.valueOf(value.bool());
            default -> value.isNull() ? TestCase.ABSENT : value.text();
        };
    }
}
