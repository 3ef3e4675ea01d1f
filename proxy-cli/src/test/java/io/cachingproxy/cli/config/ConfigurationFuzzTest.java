package io.cachingproxy.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever the text is, reading it ends in a configuration that compiles, or in errors with places. */
class ConfigurationFuzzTest {
    private static final List<String> SCALARS = List.of(
            "60s",
            "1h",
            "true",
            "false",
            "~",
            "",
            "*",
            "\"*\"",
            "/a/**",
            "/**.{css",
            "'/{a,b}'",
            "a.org",
            "\"*.a.org\"",
            "http://a.org",
            "404",
            "5xx",
            "10.0.0.0/8",
            "GET",
            "standard",
            "cookie",
            "shop",
            "${SHOP}",
            "'${NONE}'",
            "'${'",
            "-1",
            "1MB",
            "GET http://a.org/",
            "&x a",
            "*x",
            "!!binary AAAA",
            "\t",
            "|\n  a",
            "\"\\uD800\"",
            "[",
            "{",
            "- a",
            "(");

    @Property(tries = 2000)
    void any_text_is_read_or_refused(@ForAll String text) {
        assertReadOrRefused(text);
    }

    @Property(tries = 2000)
    void any_text_of_the_characters_of_yaml_is_read_or_refused(@ForAll("punctuation") String text) {
        assertReadOrRefused(text);
    }

    @Property(tries = 5000)
    void any_tree_of_known_keys_is_read_or_refused(@ForAll("trees") String text) {
        assertReadOrRefused(text);
    }

    @Property(tries = 5000)
    void any_mistake_in_a_right_file_is_read_or_refused(@ForAll("mistakes") String text) {
        assertReadOrRefused(text);
    }

    @Provide
    Arbitrary<String> mistakes() throws IOException {
        String guide = Files.readString(Path.of("README.md"));
        int begin = guide.indexOf("```yaml\n# caching-proxy.yaml") + 8;
        String right = guide.substring(begin, guide.indexOf("```", begin));
        Arbitrary<Integer> place = Arbitraries.integers().between(0, right.length() - 10);
        Arbitrary<Integer> length = Arbitraries.integers().between(0, 10);
        return Combinators.combine(place, length, Arbitraries.of(SCALARS))
                .as((at, cut, token) -> (UnaryOperator<String>) text -> {
                    int from = Math.min(at, text.length());
                    return text.substring(0, from) + token + text.substring(Math.min(from + cut, text.length()));
                })
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .map(edits -> {
                    String text = right;
                    for (UnaryOperator<String> edit : edits) {
                        text = edit.apply(text);
                    }
                    return text;
                });
    }

    @Provide
    Arbitrary<String> punctuation() {
        return Arbitraries.strings()
                .withChars("{}[]:,-&*!|>'\"%@`#? \n\t\\ab1$~<=")
                .ofMaxLength(60);
    }

    @Provide
    Arbitrary<String> trees() {
        List<String> keys = new ArrayList<>();
        Keys.all().forEach(each -> keys.addAll(each.names()));
        Arbitrary<String> key = Arbitraries.of(keys);
        Arbitrary<String> value = values(key, 4);
        return Combinators.combine(Arbitraries.of("sites", "rules", "tests", "origins", "port"), value)
                .as((name, tree) -> name + ": " + tree)
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .map(lines -> String.join("\n", lines));
    }

    private static Arbitrary<String> values(Arbitrary<String> key, int depth) {
        if (depth == 0) {
            return Arbitraries.of(SCALARS);
        }
        Arbitrary<String> below = values(key, depth - 1);
        Arbitrary<String> list = below.list().ofMaxSize(3).map(items -> "[" + String.join(", ", items) + "]");
        return Arbitraries.oneOf(Arbitraries.of(SCALARS), map(key, below), list);
    }

    private static Arbitrary<String> map(Arbitrary<String> key, Arbitrary<String> value) {
        return Combinators.combine(key, value)
                .as((name, tree) -> name + ": " + tree)
                .list()
                .ofMaxSize(4)
                .map(fields -> "{" + String.join(", ", fields) + "}");
    }

    private static void assertReadOrRefused(String text) {
        try {
            Configuration read = Text.read(text);
            read.failedTests(
                    read.compiled(Policies.DEFAULT),
                    read.onlyOrigin().map(it -> it.settings().url()).orElse(null));
        } catch (ConfigurationException e) {
            assertThat(e.problems()).isNotEmpty().allSatisfy(problem -> {
                assertThat(problem.toString()).matches("c\\.yaml:[1-9]\\d*:[1-9]\\d*: [^\\n\\r]+");
            });
        }
    }
}
