package io.cachingproxy.jetty;

import io.cachingproxy.http.Headers;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;

/** Header sections between Jetty and the cache: the raw values, nothing split, unquoted or joined. */
final class JettyHeaders {
    private JettyHeaders() {}

    static Headers of(HttpFields fields) {
        Headers.Builder headers = Headers.builder();
        for (HttpField field : fields) {
            String value = field.getValue();
            headers.add(field.getName(), value == null ? "" : value);
        }
        return headers.build();
    }

    /** Adds {@code headers} to {@code fields}, and returns these. */
    static HttpFields.Mutable into(HttpFields.Mutable fields, Headers headers) {
        for (int i = 0; i < headers.size(); i++) {
            fields.add(headers.name(i), headers.value(i));
        }
        return fields;
    }
}
