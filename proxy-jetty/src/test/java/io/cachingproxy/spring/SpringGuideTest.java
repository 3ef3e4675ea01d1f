package io.cachingproxy.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.YamlMapFactoryBean;
import org.springframework.core.io.FileSystemResource;

/** The guide, the metadata for editors, and the classes that the properties are bound to. */
class SpringGuideTest {
    @Test
    void the_table_has_every_property_with_its_default() throws IOException {
        Map<String, String> table = new TreeMap<>();
        Files.readString(Path.of("README.md"))
                .lines()
                .filter(line -> line.startsWith("| `caching-proxy."))
                .forEach(line -> {
                    String[] cells = line.split(" \\| ", -1);
                    table.put(cells[0].substring(3, cells[0].length() - 1), cells[1].replace("`", ""));
                });
        assertThat(table).isEqualTo(metadata());
    }

    /** The properties in the metadata with their defaults; none without one. */
    private static Map<String, String> metadata() {
        YamlMapFactoryBean json = new YamlMapFactoryBean(); // JSON is YAML
        json.setResources(new FileSystemResource("target/classes/META-INF/spring-configuration-metadata.json"));
        Map<String, String> properties = new TreeMap<>();
        for (Object each : (List<?>) json.getObject().get("properties")) {
            Map<?, ?> property = (Map<?, ?>) each;
            String name = String.valueOf(property.get("name"));
            if (name.startsWith("caching-proxy.")) {
                assertThat(property.get("description")).as(name).isNotNull();
                Object value = property.get("defaultValue");
                properties.put(name, value == null ? "none" : value.toString());
            }
        }
        return properties;
    }

    @Test
    void every_condition_and_setting_of_rules_stands_in_the_guide() throws IOException {
        String guide = Files.readString(Path.of("README.md"));
        assertThat(Stream.of(MatchProperties.class, RuleProperties.class)
                        .flatMap(type -> Arrays.stream(type.getRecordComponents()))
                        .map(RecordComponent::getName)
                        .filter(name -> !name.equals("name") && !name.equals("match")))
                .hasSizeGreaterThan(25)
                .allSatisfy(name -> assertThat(guide).contains("`" + kebab(name) + "`"));
    }

    private static String kebab(String name) {
        return Pattern.compile("[A-Z]")
                .matcher(name)
                .replaceAll(letter -> "-" + letter.group().toLowerCase(Locale.ROOT));
    }
}
