package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.net.http.HttpHeaders;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * An OpenAPI document that requests and responses are checked against. Schemas of responses are read strictly: an object
 * has no property that is not described.
 */
final class OpenApiDocument {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final JsonSchemaFactory SCHEMAS = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);

    private final ObjectNode document;
    private final Set<String> checked = new TreeSet<>();

    OpenApiDocument(String text) throws JsonProcessingException {
        document = (ObjectNode) MAPPER.readTree(text.replace("#/components/schemas/", "#/$defs/"));
        close(document.path("components"));
        close(document.path("paths"));
    }

    /** Forbids other properties where the document does not say. */
    private static void close(JsonNode node) {
        if (node instanceof ObjectNode object
                && object.path("type").asText().equals("object")
                && object.path("properties").isObject()
                && !object.has("additionalProperties")) {
            object.put("additionalProperties", false);
        }
        node.forEach(OpenApiDocument::close);
    }

    JsonNode root() {
        return document;
    }

    /** The methods of each path, in capitals. */
    Map<String, Set<String>> methods() {
        Map<String, Set<String>> methods = new TreeMap<>();
        document.path("paths").fields().forEachRemaining(path -> {
            Set<String> names = new TreeSet<>();
            path.getValue().fieldNames().forEachRemaining(name -> names.add(name.toUpperCase(Locale.ROOT)));
            methods.put(path.getKey(), names);
        });
        return methods;
    }

    /** The responses with a JSON schema that {@link #check} has not seen: {@code GET /api/stats 200}. */
    Set<String> unchecked() {
        Set<String> all = new TreeSet<>();
        methods()
                .forEach((path, methods) -> methods.forEach(method -> operation(method, path)
                        .path("responses")
                        .fieldNames()
                        .forEachRemaining(status -> all.add(method + " " + path + " " + status))));
        all.removeAll(checked);
        return all;
    }

    private JsonNode operation(String method, String path) {
        return document.path("paths").path(path).path(method.toLowerCase(Locale.ROOT));
    }

    /** Checks the body of a request, and the status, the content type and the body of its response. */
    void check(String method, String target, String body, int status, HttpHeaders headers, String content)
            throws JsonProcessingException {
        String path = template(target.replaceFirst("\\?.*", ""));
        String what = method + " " + path + " " + status;
        JsonNode operation = operation(method, path);
        assertThat(operation.isObject()).as(what).isTrue();
        JsonNode described = resolved(operation.path("responses").path(String.valueOf(status)));
        assertThat(described.isObject())
                .as("%s is described: %s", what, content)
                .isTrue();
        JsonNode accepted = operation
                .path("requestBody")
                .path("content")
                .path("application/json")
                .path("schema");
        if (status == 200 && accepted.isObject() && !body.isEmpty()) {
            assertValid(what + " request", accepted, MAPPER.readTree(body));
        }
        String type = headers.firstValue("Content-Type").orElse("none").replaceFirst(";.*", "");
        JsonNode expected = described.path("content").path(type);
        assertThat(expected.isObject())
                .as("%s has the described type %s", what, type)
                .isTrue();
        if (type.endsWith("json")) {
            assertValid(what, expected.path("schema"), MAPPER.readTree(content));
        }
        checked.add(what);
    }

    private String template(String path) {
        if (document.path("paths").has(path)) {
            return path;
        }
        return methods().keySet().stream()
                .filter(template ->
                        path.matches(template.replace("{file}", ".+").replaceAll("\\{[^}]*}", "[^/]+")))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no path for " + path));
    }

    private JsonNode resolved(JsonNode node) {
        String reference = node.path("$ref").asText("");
        return reference.isEmpty() ? node : document.at(reference.substring(1));
    }

    private void assertValid(String what, JsonNode schema, JsonNode value) {
        ObjectNode whole = MAPPER.createObjectNode();
        whole.set("$defs", document.at("/components/schemas"));
        whole.putArray("allOf").add(schema);
        Set<ValidationMessage> problems = SCHEMAS.getSchema(whole).validate(value);
        assertThat(problems).as("%s: %s", what, value).isEmpty();
    }
}
