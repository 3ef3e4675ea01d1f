package io.cachingproxy.net;

import io.cachingproxy.http.Headers;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Request;

/** Header sections between Jetty and the cache: the raw values, nothing split, unquoted or joined. */
public final class JettyHeaders {
    /** The names that Jetty knows, as they are mostly spelled; its own index takes longer, in any spelling. */
    private static final Map<String, HttpHeader> KNOWN = new HashMap<>();

    static {
        for (HttpHeader header : HttpHeader.values()) {
            KNOWN.put(header.asString(), header);
            KNOWN.put(header.lowerCaseName(), header);
        }
    }

    private JettyHeaders() {}

    public static Headers of(HttpFields fields) {
        int size = fields.size();
        Headers.Builder headers = Headers.builder(size);
        for (int i = 0; i < size; i++) {
            HttpField field = fields.getField(i);
            String value = field.getValue();
            headers.add(field.getName(), value == null ? "" : value);
        }
        return headers.build();
    }

    /** Those of a request. HTTP/2 splits Cookie into lines for compression; elsewhere it is one line (RFC 9113 §8.2.3). */
    public static Headers of(Request request) {
        Headers headers = of(request.getHeaders());
        boolean split =
                request.getConnectionMetaData().getHttpVersion().getVersion() > HttpVersion.HTTP_1_1.getVersion();
        return split ? headers.joined("Cookie", "; ") : headers;
    }

    /** Adds {@code headers} to {@code fields}, and returns these. */
    public static HttpFields.Mutable into(HttpFields.Mutable fields, Headers headers) {
        for (int i = 0; i < headers.size(); i++) {
            String name = headers.name(i);
            HttpHeader known = KNOWN.get(name);
            fields.add(
                    known == null
                            ? new HttpField(name, headers.value(i))
                            : new HttpField(known, name, headers.value(i)));
        }
        return fields;
    }
}
