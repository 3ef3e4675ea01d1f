package io.cachingproxy.cli.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A YAML value and its position. Scalars are untyped text; the key determines the type. */
sealed interface Yaml {
    Place place();

    /**
     * A scalar.
     *
     * @param written the text as the file has it, with references to variables
     * @param isNull whether the scalar is {@code null}, {@code ~} or empty
     * @param wrong the error in the scalar; null if it is valid
     */
    record Scalar(
            Place place,
            String text,
            String written,
            boolean isNull,
            @Nullable String wrong) implements Yaml {}

    /** A sequence. */
    record Items(Place place, List<Yaml> items) implements Yaml {}

    /** A mapping, possibly with duplicate keys. */
    record Fields(Place place, List<Field> fields) implements Yaml {}

    /** A key and its value. */
    record Field(Place place, String key, Yaml value) {}
}
