package io.cachingproxy.http;

import io.cachingproxy.http.syntax.PercentEncoding;

/** Computes the normal form of a path; see {@link Target#normalPath()}. */
final class NormalPath {
    private NormalPath() {}

    /**
     * The length of the path in {@code pathAndQuery}; the bitwise complement of the length, a negative number, if the
     * path is not normal.
     */
    static int measure(String pathAndQuery) {
        boolean normal = true;
        char before = 0;
        int length = pathAndQuery.length();
        for (int i = 0; i < length; i++) {
            char c = pathAndQuery.charAt(i);
            if (c <= '/' || c == ';' || c == '?') {
                if (c == '?') {
                    length = i;
                } else if (c == '%' || c == ';' || (before == '/' && (c == '/' || c == '.'))) {
                    normal = false;
                }
            }
            before = c;
        }
        return normal ? length : ~length;
    }

    /** The normal form of the path that ends before {@code end}. */
    static String of(String pathAndQuery, int end) {
        String decoded = PercentEncoding.decodePath(pathAndQuery, 0, end);
        return decoded.startsWith("/") ? withoutDots(decoded) : decoded;
    }

    private static String withoutDots(String path) {
        StringBuilder kept = new StringBuilder(path.length());
        int start = 1;
        while (start <= path.length()) {
            int slash = path.indexOf('/', start);
            int end = slash < 0 ? path.length() : slash;
            boolean last = slash < 0;
            String segment = withoutParameters(path.substring(start, end));
            if (segment.equals("..")) {
                kept.setLength(Math.max(0, kept.lastIndexOf("/")));
            }
            boolean named = !segment.isEmpty() && !segment.equals(".") && !segment.equals("..");
            if (named) {
                kept.append('/').append(segment);
            } else if (last) {
                kept.append('/');
            }
            start = end + 1;
        }
        return kept.toString();
    }

    /** The name of a raw segment: decoded, without parameters. */
    static String name(String segment) {
        return withoutParameters(PercentEncoding.decodePath(segment));
    }

    private static String withoutParameters(String segment) {
        int parameters = segment.indexOf(';');
        return parameters < 0 ? segment : segment.substring(0, parameters);
    }
}
