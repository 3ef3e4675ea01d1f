package io.cachingproxy.testkit;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A response as a client got it, framing removed. */
public record Reply(String head, byte[] body, String trailers) {
    public int status() {
        return Integer.parseInt(head.split(" ", 3)[1]);
    }

    /** The values of all lines of that name, raw. */
    public List<String> all(String name) {
        return Wire.values(head, name);
    }

    /** The value of the first line of that name. */
    public @Nullable String header(String name) {
        List<String> values = all(name);
        return values.isEmpty() ? null : values.get(0);
    }

    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Reply that && head.equals(that.head) && Arrays.equals(body, that.body);
    }

    @Override
    public int hashCode() {
        return head.hashCode();
    }

    @Override
    public String toString() {
        return head + (body.length > 500 ? body.length + " bytes" : text());
    }
}
