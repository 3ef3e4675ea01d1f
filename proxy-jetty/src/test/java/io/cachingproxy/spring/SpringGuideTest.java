package io.cachingproxy.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.HttpCache;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
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
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.core.io.ByteArrayResource;

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
    private static Map<String, String> metadata() throws IOException {
        YamlMapFactoryBean json = new YamlMapFactoryBean(); // JSON is YAML
        String text = Files.readString(Path.of("target/classes/META-INF/spring-configuration-metadata.json"));
        json.setResources(resource(text.replace("\\/", "/")));
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

    private static ByteArrayResource resource(String text) {
        return new ByteArrayResource(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void the_examples_in_the_guide_are_bound() throws IOException {
        List<String> examples = Pattern.compile("```yaml\n(caching-proxy:\n.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("README.md")))
                .results()
                .map(example -> example.group(1))
                .toList();
        assertThat(examples).hasSize(2).allSatisfy(example -> {
            YamlPropertiesFactoryBean yaml = new YamlPropertiesFactoryBean();
            yaml.setResources(resource(example));
            String[] properties = yaml.getObject().entrySet().stream()
                    .map(property -> property.getKey() + "=" + property.getValue())
                    .toArray(String[]::new);
            new WebApplicationContextRunner()
                    .withConfiguration(AutoConfigurations.of(CachingProxyAutoConfiguration.class))
                    .withPropertyValues(properties)
                    .run(context -> assertThat(context.getBean(HttpCache.class)
                                    .sites()
                                    .list()
                                    .get(0)
                                    .rules()
                                    .list())
                            .hasSize(example.contains("rules") ? 3 : 0));
        });
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
