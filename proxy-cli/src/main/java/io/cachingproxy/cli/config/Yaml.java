package io.cachingproxy.cli.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A YAML value and its place. Scalars are text: what they mean, the key decides. */
sealed interface Yaml {
    Place place();

    /**
     * A scalar.
     *
     * @param written the text as the file has it, with references to variables
     * @param isNull whether it is {@code null}, {@code ~} or nothing at all
     * @param wrong why it has no value; null if it has one
     */
    record Scalar(
            Place place,
            String text,
            String written,
            boolean isNull,
            @Nullable String wrong) implements Yaml {}

    /** A sequence. */
    record Items(Place place, List<Yaml> items) implements Yaml {}

    /** A mapping; a key may be there several times. */
    record Fields(Place place, List<Field> fields) implements Yaml {}

    /** A key and its value. */
    record Field(Place place, String key, Yaml value) {}
}
