package io.cachingproxy.net;

import io.cachingproxy.http.Headers;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Request;

/** Converts header sections between Jetty and the cache. Values stay raw: not split, unquoted or joined. */
public final class JettyHeaders {
    /** Jetty's known field names in their usual spelling. Jetty's own index is case-insensitive and slower. */
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

    /**
     * The headers of a request. Cookie lines, into which HTTP/2 splits the field for compression, are joined into one
     * (RFC 9113 §8.2.3).
     */
    public static Headers of(Request request) {
        Headers headers = of(request.getHeaders());
        boolean split =
                request.getConnectionMetaData().getHttpVersion().getVersion() > HttpVersion.HTTP_1_1.getVersion();
        return split ? headers.joined("Cookie", "; ") : headers;
    }

    /** Adds {@code headers} to {@code fields}, and returns {@code fields}. */
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
