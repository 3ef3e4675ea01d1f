package io.cachingproxy.servlet;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.fields.HopByHop;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The head of the client's response: status and headers of the servlet are written through immediately, in addition to
 * the headers of outer filters and the container.
 */
final class ClientHead {
    /** Fields that control caching; the values in the client's response apply. */
    private static final List<String> OF_CACHES =
            List.of("Cache-Control", "CDN-Cache-Control", "Expires", "Pragma", "Vary");

    private final HttpServletResponse client;
    private final Headers before;

    ClientHead(HttpServletResponse client) {
        this.client = client;
        this.before = headers(client);
    }

    private static Headers headers(HttpServletResponse response) {
        Headers.Builder headers = Headers.builder();
        for (String name : Set.copyOf(response.getHeaderNames())) {
            response.getHeaders(name).forEach(value -> headers.add(name, value));
        }
        return headers.build();
    }

    /** The head of the servlet's response with the caching fields of outer filters. */
    ResponseHead effective(ResponseHead own) {
        Headers headers = own.headers();
        for (String name : OF_CACHES) {
            Collection<String> values = client.getHeaders(name);
            if (!List.copyOf(values).equals(headers.all(name))) {
                headers = headers.without(name);
                for (String value : values) {
                    headers = headers.plus(name, value);
                }
            }
        }
        return headers == own.headers() ? own : own.withHeaders(headers);
    }

    /** Whether the client gets a cookie that the servlet did not set, such as a session cookie. */
    boolean hasForeignCookie(ResponseHead own) {
        return !own.headers().all("Set-Cookie").containsAll(client.getHeaders("Set-Cookie"));
    }

    /** Changes the head of the client's response from {@code has} to {@code relayed}. */
    void relay(ResponseHead has, ResponseHead relayed) {
        Headers kept = HopByHop.strip(has.headers());
        for (String name : names(kept)) {
            if (!relayed.headers().contains(name)) {
                undo(has.headers());
                AnswerWriter.head(relayed, client);
                return;
            }
        }
        for (String name : names(relayed.headers())) {
            List<String> values = relayed.headers().all(name);
            if (!values.equals(has.headers().all(name))) {
                set(name, values);
            }
        }
    }

    private void set(String name, List<String> values) {
        client.setHeader(name, values.get(0));
        values.subList(1, values.size()).forEach(value -> client.addHeader(name, value));
    }

    /** Removes the servlet's headers, {@code own}, except cookies. */
    void undo(Headers own) {
        Headers now = headers(client);
        Headers others = now.filter((name, value) -> !own.contains(name) || name.equalsIgnoreCase("Set-Cookie"));
        client.reset();
        restore(others);
        restore(before);
    }

    private void restore(Headers headers) {
        for (String name : names(headers)) {
            if (!client.containsHeader(name)) {
                set(name, headers.all(name));
            }
        }
    }

    private static Set<String> names(Headers headers) {
        Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        for (int i = 0; i < headers.size(); i++) {
            names.add(headers.name(i));
        }
        return names;
    }
}
