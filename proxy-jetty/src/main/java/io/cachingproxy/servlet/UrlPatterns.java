package io.cachingproxy.servlet;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.function.Predicate;

/**
 * URL patterns of the servlet specification (Servlet 6.0 §12.2), as in {@code /products/*}, {@code *.css} or {@code
 * /exact}, matched against the context-relative path, decoded by the container.
 */
final class UrlPatterns {
    private final List<String> patterns;

    /** @throws IllegalArgumentException if a pattern is not a URL pattern */
    private UrlPatterns(List<String> patterns) {
        for (String pattern : patterns) {
            boolean path = pattern.startsWith("/")
                    && pattern.indexOf('*') == (pattern.endsWith("/*") ? pattern.length() - 1 : -1);
            boolean extension = pattern.startsWith("*.")
                    && pattern.length() > 2
                    && pattern.lastIndexOf('*') == 0
                    && pattern.indexOf('/') < 0;
            if (!path && !extension) {
                throw new IllegalArgumentException(
                        "not a URL pattern: " + pattern + "; write /products/*, *.css or /exact");
            }
        }
        this.patterns = List.copyOf(patterns);
    }

    /**
     * Tests whether a request is not {@code included}, or is {@code excluded}. An empty {@code included} includes all
     * requests.
     *
     * @throws IllegalArgumentException if a pattern is not a URL pattern
     */
    static Predicate<HttpServletRequest> outside(List<String> included, List<String> excluded) {
        UrlPatterns only = new UrlPatterns(included);
        UrlPatterns never = new UrlPatterns(excluded);
        return request -> (!included.isEmpty() && !only.match(request)) || never.match(request);
    }

    private boolean match(HttpServletRequest request) {
        String info = request.getPathInfo();
        String path = info == null ? request.getServletPath() : request.getServletPath() + info;
        return patterns.stream().anyMatch(pattern -> matches(pattern, path));
    }

    private static boolean matches(String pattern, String path) {
        if (pattern.endsWith("/*")) {
            String prefix = pattern.substring(0, pattern.length() - 2);
            return path.startsWith(prefix) && (path.length() == prefix.length() || path.charAt(prefix.length()) == '/');
        }
        return pattern.startsWith("*.") ? path.endsWith(pattern.substring(1)) : path.equals(pattern);
    }
}
