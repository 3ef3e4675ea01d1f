package io.cachingproxy.servlet;

import jakarta.servlet.http.Cookie;
import java.util.Locale;
import java.util.Map;

/** The Set-Cookie field of a servlet cookie (RFC 6265 §4.1). */
final class SetCookie {
    private SetCookie() {}

    static String format(Cookie cookie) {
        StringBuilder field = new StringBuilder(cookie.getName()).append('=').append(cookie.getValue());
        for (Map.Entry<String, String> attribute : cookie.getAttributes().entrySet()) {
            String name = attribute.getKey();
            String value = attribute.getValue();
            boolean flag = name.toLowerCase(Locale.ROOT).matches("secure|httponly|partitioned");
            if (!flag || !"false".equalsIgnoreCase(value)) {
                field.append("; ").append(name).append(flag ? "" : "=" + value);
            }
        }
        return field.toString();
    }
}
