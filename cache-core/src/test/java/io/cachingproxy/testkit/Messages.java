package io.cachingproxy.testkit;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;

/** Small builders of message heads: {@code request("GET").header("Range", "bytes=0-1").head()}. */
public final class Messages {
    private Messages() {}

    /** A request for {@code http://example.org/}. */
    public static Request request(String method) {
        return new Request(method, new Target("http", "example.org", "/"), Headers.EMPTY, false);
    }

    public static Request get() {
        return request("GET");
    }

    public static Request get(String pathAndQuery) {
        return get().path(pathAndQuery);
    }

    public static Response response(int status) {
        return new Response(status, Headers.EMPTY);
    }

    /** A request being written; each step gives a new one. */
    public record Request(String method, Target target, Headers headers, boolean hasBody) {
        public Request path(String pathAndQuery) {
            return new Request(method, new Target(target.scheme(), target.authority(), pathAndQuery), headers, hasBody);
        }

        public Request host(String authority) {
            return new Request(method, new Target(target.scheme(), authority, target.pathAndQuery()), headers, hasBody);
        }

        public Request scheme(String scheme) {
            return new Request(method, new Target(scheme, target.authority(), target.pathAndQuery()), headers, hasBody);
        }

        public Request header(String name, String value) {
            return new Request(method, target, headers.plus(name, value), hasBody);
        }

        public Request cacheControl(String value) {
            return header("Cache-Control", value);
        }

        public Request withBody() {
            return new Request(method, target, headers, true);
        }

        public RequestHead head() {
            return new RequestHead(method, target, headers, hasBody);
        }
    }

    /** A response being written; each step gives a new one. */
    public record Response(int status, Headers headers) {
        public Response header(String name, String value) {
            return new Response(status, headers.plus(name, value));
        }

        public Response cacheControl(String value) {
            return header("Cache-Control", value);
        }

        public ResponseHead head() {
            return new ResponseHead(status, headers);
        }
    }
}
