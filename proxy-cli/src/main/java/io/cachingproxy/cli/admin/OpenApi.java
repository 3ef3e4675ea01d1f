package io.cachingproxy.cli.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Serves the description of the admin API, an OpenAPI 3.1 document that is a resource of the jar. */
public final class OpenApi implements AdminRoutes.Group {
    /** The path of the document. */
    public static final String PATH = "/api/openapi.json";

    /** The media type of OpenAPI documents in JSON. */
    public static final String TYPE = "application/vnd.oai.openapi+json;version=3.1";

    @Override
    public void addTo(AdminRoutes routes) {
        routes.get(PATH, exchange -> exchange.write(200, TYPE, document()));
    }

    private static String document() {
        try (InputStream document = OpenApi.class.getResourceAsStream("openapi.json")) {
            return new String(Objects.requireNonNull(document).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
