package io.cachingproxy.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the guide says. */
class GuideTest {
    @Test
    void the_recipes_stand_in_the_guide_as_they_are_compiled() throws IOException {
        String source = Files.readString(Path.of("src/test/java/io/cachingproxy/servlet/example/ShopCaching.java"));
        assertThat(guide().contains("```java\n" + source.substring(source.indexOf("import ")) + "```\n"))
                .isTrue();
    }

    @Test
    void the_proxy_server_stands_in_the_guide_as_it_is_compiled() throws IOException {
        String source = Files.readString(Path.of("src/test/java/io/cachingproxy/jetty/example/Embedded.java"))
                .replace("\n        ", "\n");
        int begin = source.indexOf("ProxyServer proxy =");
        assertThat(guide().contains("```java\n" + source.substring(begin, source.indexOf("\n\n", begin)) + "\n```\n"))
                .isTrue();
    }

    @Test
    void the_init_parameters_and_their_policies_stand_in_the_guide() throws IOException {
        String code = Files.readString(Path.of("src/main/java/io/cachingproxy/servlet/InitParameters.java"));
        List<String> names = Pattern.compile("(?:getInitParameter\\(|(?:number|patterns)\\(config, )\"([a-z-]+)\"")
                .matcher(code)
                .results()
                .map(found -> found.group(1))
                .toList();
        List<String> policies = Pattern.compile("case \"([a-z0-9]+)\"")
                .matcher(code)
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(names)
                .hasSizeGreaterThanOrEqualTo(4)
                .allSatisfy(name ->
                        assertThat(guide().contains("`" + name + "`")).as(name).isTrue());
        assertThat(policies)
                .hasSize(4)
                .allSatisfy(policy ->
                        assertThat(guide().contains(policy)).as(policy).isTrue());
    }

    @Test
    void the_tests_in_the_tables_exist() throws IOException {
        StringBuilder tests = new StringBuilder();
        for (String module : List.of("cache-core", "proxy-jetty")) {
            try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "test", "java"))) {
                for (Path file :
                        files.filter(it -> it.toString().endsWith(".java")).toList()) {
                    tests.append(Files.readString(file));
                }
            }
        }
        List<String> named = Pattern.compile("(?<=#|`)(?:[A-Z]\\w+Test|[a-z0-9]+(?:_[a-z0-9]+)+)(?=`|#)")
                .matcher(guide())
                .results()
                .map(found -> found.group())
                .toList();
        assertThat(named)
                .hasSizeGreaterThan(20)
                .allSatisfy(name -> assertThat(
                                tests.indexOf("class " + name + " ") >= 0 || tests.indexOf(" " + name + "(") >= 0)
                        .as(name)
                        .isTrue());
    }

    private static String guide() throws IOException {
        return Files.readString(Path.of("README.md"));
    }
}
