package io.cachingproxy.cli.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/**
 * The dashboard: a page of static files that reads the API of the listener. The files contain no data and need no token.
 *
 * <p>The Content-Security-Policy permits files of this listener only, no inline scripts and styles, and no text that is
 * parsed as HTML (Trusted Types): what clients and origins send cannot become a script.
 */
public final class Dashboard implements AdminRoutes.Group {
    private static final String PAGE = "/";
    private static final String FILES = "/dashboard/";
    private static final String FOLDER = "/io/cachingproxy/cli/dashboard/";
    private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/dist/";
    private static final int TAG_LENGTH = 16;

    private static final List<String> VIEWS = List.of(
            "overview",
            "live",
            "top",
            "sites",
            "shadow",
            "origins",
            "entries",
            "purge",
            "explain",
            "configuration",
            "nodes",
            "about");

    /** The resources on the class path, by path. */
    private static final Map<String, String> RESOURCES = Stream.of(
                    Stream.of(Map.entry(PAGE, FOLDER + "index.html")),
                    Stream.of(
                                    "style.css",
                                    "icon.svg",
                                    "theme.js",
                                    "app.js",
                                    "api.js",
                                    "chart.js",
                                    "dom.js",
                                    "format.js",
                                    "history.js",
                                    "outcomes.js",
                                    "redis.js",
                                    "ui.js")
                            .map(name -> Map.entry(FILES + name, FOLDER + name)),
                    VIEWS.stream()
                            .map(name -> "views/" + name + ".js")
                            .map(name -> Map.entry(FILES + name, FOLDER + name)),
                    Stream.of(
                            Map.entry(FILES + "uplot.js", UPLOT + "uPlot.iife.min.js"),
                            Map.entry(FILES + "uplot.css", UPLOT + "uPlot.min.css")))
            .flatMap(entries -> entries)
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

    private static final HttpFields HEADERS = HttpFields.build()
            .put(
                    "Content-Security-Policy",
                    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
                            + " base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
                            + " require-trusted-types-for 'script'; trusted-types 'none'")
            .put("X-Content-Type-Options", "nosniff")
            .put("X-Frame-Options", "DENY")
            .put("Referrer-Policy", "no-referrer")
            .put("Cross-Origin-Opener-Policy", "same-origin")
            .put("Cross-Origin-Resource-Policy", "same-origin")
            .put(HttpHeader.CACHE_CONTROL, "no-cache")
            .asImmutable();

    private final Map<String, StaticFile> files = new ConcurrentHashMap<>();

    private record StaticFile(byte[] content, HttpField type, String tag) {}

    /** Whether a path is one of the static files. */
    static boolean has(String path) {
        return RESOURCES.containsKey(path);
    }

    @Override
    public void addTo(AdminRoutes routes) {
        RESOURCES.keySet().forEach(path -> routes.get(path, exchange -> send(exchange, path)));
    }

    private void send(AdminExchange exchange, String path) {
        StaticFile file = files.computeIfAbsent(path, Dashboard::read);
        HttpFields.Mutable headers = exchange.response().getHeaders();
        HEADERS.forEach(headers::put);
        headers.put(HttpHeader.ETAG, file.tag());
        if (matches(exchange.request().getHeaders().get(HttpHeader.IF_NONE_MATCH), file.tag())) {
            exchange.response().setStatus(304);
            exchange.callback().succeeded();
            return;
        }
        headers.put(file.type());
        exchange.response().write(true, ByteBuffer.wrap(file.content()), exchange.callback());
    }

    private static boolean matches(@Nullable String field, String tag) {
        return field != null && field.contains(tag);
    }

    private static StaticFile read(String path) {
        String resource = String.valueOf(RESOURCES.get(path));
        try (InputStream in = Dashboard.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the jar has no " + resource);
            }
            byte[] content = in.readAllBytes();
            return new StaticFile(content, new HttpField(HttpHeader.CONTENT_TYPE, type(resource)), tag(content));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String type(String resource) {
        return switch (resource.substring(resource.lastIndexOf('.') + 1)) {
            case "html" -> "text/html;charset=utf-8";
            case "css" -> "text/css;charset=utf-8";
            case "svg" -> "image/svg+xml";
            default -> "text/javascript;charset=utf-8";
        };
    }

    private static String tag(byte[] content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return '"' + HexFormat.of().formatHex(digest).substring(0, TAG_LENGTH) + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
