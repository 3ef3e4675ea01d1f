package io.cachingproxy.cli.admin;

import com.fasterxml.jackson.databind.JsonNode;
import io.cachingproxy.cli.text.Cut;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.http.syntax.FieldLine;
import io.cachingproxy.http.syntax.FieldValues;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A request to explain, from JSON: {@code {"method", "url", "headers": {}, "response": {"status", "headers": {}},
 * "fetch": true}}. Only {@code url} is required; a header has a string or a list of strings.
 * {@code {"id": 17}} in its place is the {@linkplain #id recent request} with that number.
 *
 * @param fetch whether the response is requested from the origin
 */
public record ExplainRequest(RequestHead head, Optional<ResponseHead> response, boolean fetch) {
    /** Origin, and path and query, which need not be valid in a URI: the proxy serves others, too. */
    private static final Pattern URL = Pattern.compile("((?i:https?)://[^/?#\\s]+)([^#\\s]*)");

    private static final Set<String> KEYS = Set.of("method", "url", "headers", "response", "fetch");
    private static final Set<String> OF_RESPONSE = Set.of("status", "headers");

    /**
     * Parses the JSON text.
     *
     * @throws IllegalArgumentException if it is no such request; the message is one line
     */
    static ExplainRequest parse(JsonNode json) {
        known(json, "the body", KEYS);
        JsonNode url = json.get("url");
        if (url == null || !url.isTextual()) {
            throw new IllegalArgumentException("url is missing: write an absolute http or https URL");
        }
        JsonNode method = json.get("method");
        RequestHead head = head(
                method == null ? "GET" : text("method", method),
                url.textValue(),
                headers("headers", json.get("headers")));
        Optional<ResponseHead> response =
                Optional.ofNullable(json.get("response")).map(ExplainRequest::response);
        JsonNode fetch = json.get("fetch");
        if (fetch != null && !fetch.isBoolean()) {
            throw new IllegalArgumentException("fetch is true or false");
        }
        boolean fetches = fetch != null && fetch.booleanValue();
        if (fetches && response.isPresent()) {
            throw new IllegalArgumentException("response and fetch exclude each other");
        }
        return new ExplainRequest(head, response, fetches);
    }

    /**
     * A request from its parts.
     *
     * @throws IllegalArgumentException if a part is malformed; the message is one line
     */
    public static RequestHead head(String method, String url, Headers headers) {
        if (!FieldValues.isToken(method)) {
            throw new IllegalArgumentException("method \"" + shown(method) + "\" is not a method");
        }
        try {
            Matcher parts = URL.matcher(url);
            if (!parts.matches()) {
                throw new IllegalArgumentException("not an absolute URL");
            }
            Target root = Target.of(new URI(parts.group(1)));
            String rest = parts.group(2);
            String target = rest.startsWith("/") ? rest : "/" + rest;
            return new RequestHead(method, new Target(root.scheme(), root.authority(), target), headers);
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw new IllegalArgumentException("url \"" + shown(url) + "\" is not an absolute http or https URL", e);
        }
    }

    /**
     * The id of a recent request to explain, from {@code {"id": 17}}; empty if the JSON describes a request.
     *
     * @throws IllegalArgumentException if it is no id, or if there is another key; the message is one line
     */
    static OptionalLong id(JsonNode json) {
        JsonNode id = json.get("id");
        if (id == null) {
            return OptionalLong.empty();
        }
        if (!id.canConvertToLong() || !id.isIntegralNumber()) {
            throw new IllegalArgumentException("id is the number of a recent request");
        }
        if (json.size() > 1) {
            throw new IllegalArgumentException("id excludes all other keys: the request is as it was recorded");
        }
        return OptionalLong.of(id.longValue());
    }

    private static void known(JsonNode object, String where, Set<String> keys) {
        object.fieldNames().forEachRemaining(key -> {
            if (!keys.contains(key)) {
                throw new IllegalArgumentException("unknown key \"" + shown(key) + "\" in " + where + "; known are "
                        + String.join(", ", keys.stream().sorted().toList()));
            }
        });
    }

    private static ResponseHead response(JsonNode json) {
        if (!json.isObject()) {
            throw new IllegalArgumentException("response is not a JSON object");
        }
        known(json, "response", OF_RESPONSE);
        JsonNode status = json.get("status");
        if (status == null || !status.isInt() || status.intValue() < 200 || status.intValue() > 599) {
            throw new IllegalArgumentException("response.status is a number from 200 to 599");
        }
        return new ResponseHead(status.intValue(), headers("response.headers", json.get("headers")));
    }

    private static Headers headers(String where, @Nullable JsonNode json) {
        if (json == null) {
            return Headers.EMPTY;
        }
        if (!json.isObject()) {
            throw new IllegalArgumentException(where + " is not a JSON object");
        }
        Headers.Builder headers = Headers.builder();
        for (Iterator<Map.Entry<String, JsonNode>> it = json.fields(); it.hasNext(); ) {
            Map.Entry<String, JsonNode> field = it.next();
            List<JsonNode> values = new ArrayList<>();
            if (field.getValue().isArray()) {
                field.getValue().forEach(values::add);
            } else {
                values.add(field.getValue());
            }
            for (JsonNode value : values) {
                String text = text(where + "." + shown(field.getKey()), value);
                FieldLine line = new FieldLine(field.getKey(), text);
                headers.add(line.name(), line.value());
            }
        }
        return headers.build();
    }

    private static String text(String where, JsonNode value) {
        if (!value.isTextual()) {
            throw new IllegalArgumentException(where + " is not a string");
        }
        return value.textValue();
    }

    /** In one line, and not too long. */
    private static String shown(String text) {
        return Cut.at(120, text.replaceAll("\\p{Cntrl}", "?"));
    }
}
