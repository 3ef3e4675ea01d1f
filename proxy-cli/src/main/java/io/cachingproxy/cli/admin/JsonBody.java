package io.cachingproxy.cli.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cachingproxy.cli.config.Suggestion;
import java.util.ArrayList;
import java.util.List;

/** A JSON object in the body of a request, read strictly: a key of another name or type is an error. */
final class JsonBody {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final JsonNode object;

    private JsonBody(JsonNode object) {
        this.object = object;
    }

    /** Thrown for a body that is not as documented; the message is one line. */
    static final class Invalid extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        Invalid(String message) {
            super(message);
        }
    }

    /**
     * Parses a body.
     *
     * @throws Invalid unless it is a JSON object
     */
    static JsonBody parse(String text) {
        return new JsonBody(read(text));
    }

    /**
     * Parses a body, as a tree.
     *
     * @throws Invalid unless it is a JSON object
     */
    static JsonNode read(String text) {
        try {
            JsonNode node = MAPPER.readTree(text);
            if (!node.isObject()) {
                throw new Invalid("the body is not a JSON object");
            }
            return node;
        } catch (JsonProcessingException e) {
            String place = e.getLocation() == null
                    ? ""
                    : " at " + e.getLocation().getLineNr() + ":"
                            + e.getLocation().getColumnNr();
            throw new Invalid("the body is not JSON" + place);
        }
    }

    /**
     * Checks the keys.
     *
     * @throws Invalid for a key that is not one of {@code keys}
     */
    void allow(String... keys) {
        List<String> known = List.of(keys);
        object.fieldNames().forEachRemaining(key -> {
            if (!known.contains(key)) {
                throw new Invalid("unknown key " + key.replaceAll("\\p{Cntrl}", "?") + Suggestion.question(key, known));
            }
        });
    }

    /**
     * The strings of a list; empty without the key.
     *
     * @throws Invalid for another value
     */
    List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        for (JsonNode item : list(key)) {
            if (!item.isTextual()) {
                throw new Invalid(key + " is a list of strings");
            }
            texts.add(item.textValue());
        }
        return texts;
    }

    /**
     * The strings of a list in which an object with the string {@code url} stands for that string.
     *
     * @throws Invalid for another value
     */
    List<String> urls(String key) {
        List<String> urls = new ArrayList<>();
        for (JsonNode item : list(key)) {
            JsonNode url = item.isObject() ? item.path("url") : item;
            if (!url.isTextual()) {
                throw new Invalid(key + " is a list of URLs");
            }
            urls.add(url.textValue());
        }
        return urls;
    }

    private Iterable<JsonNode> list(String key) {
        JsonNode list = object.get(key);
        if (list != null && !list.isArray()) {
            throw new Invalid(key + " is a list");
        }
        return list == null ? List.of() : list;
    }

    /**
     * A boolean; false without the key.
     *
     * @throws Invalid for another value
     */
    boolean flag(String key) {
        JsonNode value = object.get(key);
        if (value != null && !value.isBoolean()) {
            throw new Invalid(key + " is true or false");
        }
        return value != null && value.booleanValue();
    }
}
