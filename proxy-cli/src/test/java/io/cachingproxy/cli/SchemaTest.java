package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.cli.config.Keys;
import io.cachingproxy.jetty.JettyCodings;
import io.cachingproxy.policy.Ignored;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** The JSON Schema has the keys that the parser has. */
class SchemaTest {
    private final Map<String, Object> schema =
            new Yaml().load(CommandLineRun.of("check", "--schema").out());

    @Test
    void the_top_level_has_the_options_and_the_sections() {
        List<String> expected = Stream.concat(new KnownOptions(false).names().stream(), Keys.ROOT.names().stream())
                .toList();
        assertThat(properties(schema)).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void every_kind_of_map_has_the_keys_of_the_parser() {
        assertKeys(Keys.ORIGIN, "origin");
        assertKeys(Keys.LISTENER, "listener");
        assertKeys(Keys.LISTENER_TLS, "listener", "tls");
        assertKeys(Keys.CERTIFICATE, "certificate");
        assertKeys(Keys.TIMEOUTS, "origin", "timeouts");
        assertKeys(Keys.CONNECTIONS, "origin", "connections");
        assertKeys(Keys.ORIGIN_TLS, "origin", "tls");
        assertKeys(Keys.SERVER, "server");
        assertKeys(Keys.CHECK, "check");
        assertKeys(Keys.EJECT, "eject");
        assertKeys(Keys.RETRY, "retry");
        assertKeys(Keys.SITE, "site");
        assertKeys(Keys.RULE, "rule");
        assertKeys(Keys.MATCH, "match");
        assertKeys(Keys.KEY, "rule", "key");
        assertKeys(Keys.KEY_QUERY, "rule", "key", "query");
        assertKeys(Keys.HEADERS, "header-changes");
        assertKeys(Keys.REWRITE, "rule", "rewrite");
        assertKeys(Keys.REDIRECT, "rule", "redirect");
        assertKeys(Keys.RESPOND, "rule", "respond");
        assertKeys(Keys.TEST, "test");
        assertKeys(Keys.TEST_REQUEST, "test-request");
        assertKeys(Keys.TEST_RESPONSE, "test", "response");
        assertKeys(Keys.EXPECT, "expect");
    }

    @Test
    void what_can_be_ignored_is_listed() {
        Map<?, ?> ignored = (Map<?, ?>) ((Map<?, ?>) schema.get("$defs")).get("ignored");
        assertThat((Collection<?>) ignored.get("enum"))
                .map(String::valueOf)
                .containsExactlyElementsOf(
                        Arrays.stream(Ignored.values()).map(Ignored::token).toList());
    }

    @Test
    void the_content_codings_are_listed() {
        Map<?, ?> coding = (Map<?, ?>) ((Map<?, ?>) schema.get("$defs")).get("coding");
        assertThat((Collection<?>) coding.get("enum"))
                .map(String::valueOf)
                .containsExactlyElementsOf(JettyCodings.NAMES);
    }

    @Test
    void every_reference_leads_somewhere() {
        assertReferences(schema);
    }

    private void assertReferences(Object value) {
        if (value instanceof Map<?, ?> map) {
            if (map.get("$ref") instanceof String reference) {
                assertThat(((Map<?, ?>) schema.get("$defs")).get(reference.replace("#/$defs/", "")))
                        .as(reference)
                        .isNotNull();
            }
            map.values().forEach(this::assertReferences);
        } else if (value instanceof Collection<?> items) {
            items.forEach(this::assertReferences);
        }
    }

    private void assertKeys(Keys keys, String definition, String... path) {
        Map<?, ?> at = (Map<?, ?>) ((Map<?, ?>) schema.get("$defs")).get(definition);
        for (String key : path) {
            at = (Map<?, ?>) ((Map<?, ?>) at.get("properties")).get(key);
        }
        assertThat(properties(at)).as(definition).containsExactlyInAnyOrderElementsOf(keys.names());
        assertThat(at.get("additionalProperties")).isEqualTo(false);
    }

    private static List<String> properties(Map<?, ?> object) {
        return ((Map<?, ?>) object.get("properties"))
                .keySet().stream().map(String::valueOf).toList();
    }
}
