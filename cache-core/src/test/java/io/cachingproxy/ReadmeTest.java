package io.cachingproxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.cachingproxy.client.CachingHttpClient;
import io.cachingproxy.example.Library;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.policy.Ignored;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.rules.Setting;
import io.cachingproxy.store.redis.RedisStore;
import io.cachingproxy.testkit.CacheResponseAssert;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Modifier;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the READMEs say is so. */
class ReadmeTest {
    @Test
    void the_ten_lines_of_the_library_do_what_they_say() {
        HttpCache cache = HttpCache.builder().policy(Policy.rfc9111()).build();
        Origin origin = (request, body, exchange) -> {
            exchange.onHead(new ResponseHead(200, Headers.of("Cache-Control", "max-age=60")));
            exchange.onBody(Chunk.of(ByteBuffer.wrap("hello".getBytes(UTF_8))), () -> {});
            exchange.onComplete(Headers.EMPTY);
        };
        RequestHead request = new RequestHead("GET", new Target("https", "example.org", "/"), Headers.EMPTY);
        Answer answer = cache.serve(request, Content.empty(), origin)
                .toCompletableFuture()
                .join();
        assertThat(answer.head().headers().first("Cache-Status"))
                .isEqualTo("caching-proxy; fwd=uri-miss; fwd-status=200; stored");
    }

    @Test
    void the_ten_lines_of_the_library_stand_on_the_first_page_as_they_are_compiled() throws IOException {
        String page = Files.readString(Path.of("..", "README.md"));
        int begin = page.indexOf("HttpCache cache = ");
        String lines = page.substring(begin, page.indexOf("System.out", begin));
        String compiled = Files.readString(Path.of("src/test/java/io/cachingproxy/ReadmeTest.java"));
        assertThat(compiled.replaceAll("\\s", "")).contains(lines.replaceAll("\\s", ""));
    }

    @Test
    void the_example_of_the_library_fetches_once_and_then_hits() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getResponseHeaders().add("Cache-Control", "max-age=60");
            exchange.sendResponseHeaders(200, 5);
            exchange.getResponseBody().write("hello".getBytes(UTF_8));
            exchange.close();
        });
        server.start();
        String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, UTF_8));
        try {
            Library.main(new String[] {url, url});
        } finally {
            System.setOut(before);
            server.stop(0);
        }
        assertThat(printed.toString(UTF_8).lines())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .isEqualTo(url + ": 5 bytes, caching-proxy; fwd=uri-miss; fwd-status=200; stored"),
                        line -> assertThat(line).startsWith(url + ": 5 bytes, caching-proxy; hit"));
    }

    @Test
    void the_examples_stand_in_the_guide_as_they_are_compiled() throws IOException {
        String guide = Files.readString(Path.of("README.md"));
        for (String example : List.of("Library", "Catalogue", "ProductsCacheTest", "MyStoreTest", "ResponseFile")) {
            String source = Files.readString(Path.of("src/test/java/io/cachingproxy/example/" + example + ".java"));
            assertThat(guide).contains("```java\n" + source.substring(source.indexOf("import ")) + "```\n");
        }
    }

    @Test
    void the_recipes_stand_in_the_guide_as_they_are_compiled() throws IOException {
        String compiled = Files.readString(Path.of("src/test/java/io/cachingproxy/example/Recipes.java"))
                .replace("\n        ", "\n");
        List<String> recipes = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(section("Recipes"))
                .results()
                .map(block -> block.group(1))
                .toList();
        assertThat(recipes)
                .hasSizeGreaterThanOrEqualTo(12)
                .allSatisfy(recipe -> assertThat(compiled).contains(recipe));
    }

    @Test
    void every_option_of_the_builders_stands_in_the_table_of_options() throws IOException {
        String options = section("Options");
        for (Class<?> builder :
                List.of(HttpCache.Builder.class, CachingHttpClient.Builder.class, RedisStore.Builder.class)) {
            assertThat(Arrays.stream(builder.getDeclaredMethods())
                            .filter(method -> Modifier.isPublic(method.getModifiers()))
                            .filter(method -> method.getReturnType() == builder))
                    .isNotEmpty()
                    .allSatisfy(option -> assertThat(options).contains("\n| `" + option.getName() + "("));
        }
    }

    @Test
    void every_part_of_the_key_that_rules_change_stands_in_the_table_of_keys() throws IOException {
        String keys = section("Keys");
        assertThat(Arrays.stream(Setting.values()).map(Setting::token).filter(token -> token.startsWith("key.")))
                .hasSize(6)
                .allSatisfy(token -> assertThat(keys).contains("| `" + token + "` |"));
    }

    @Test
    void every_fwd_token_stands_in_the_table_with_its_reasons() throws IOException {
        List<String> rows = section("Cache-Status")
                .lines()
                .filter(line -> line.startsWith("| `"))
                .toList();
        for (Reason reason : Reason.values()) {
            String field = CacheStatus.forwarded(reason, 0, false, false, null).field("cache");
            String token = field.replaceFirst("cache; fwd=([a-z-]+).*", "$1");
            assertThat(rows)
                    .filteredOn(row -> row.startsWith("| `" + token + "` |"))
                    .as(token)
                    .singleElement()
                    .satisfies(row -> assertThat(reasons(row)).containsAnyOf(reason.token(), "all others"));
        }
        assertThat(rows).filteredOn(row -> row.contains("all others")).hasSize(1);
    }

    @Test
    void every_assertion_of_the_test_kit_stands_in_its_table() throws IOException {
        String kit = section("Test kit");
        assertThat(Arrays.stream(CacheResponseAssert.class.getDeclaredMethods())
                        .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isBridge()))
                .hasSizeGreaterThan(10)
                .allSatisfy(method -> assertThat(kit).contains("`" + method.getName() + "("));
    }

    private static List<String> reasons(String row) {
        String[] cells = row.split("\\|");
        return List.of(cells[3].strip().split("[,;] "));
    }

    private static String section(String title) throws IOException {
        String guide = Files.readString(Path.of("README.md"));
        int begin = guide.indexOf("\n## " + title + "\n");
        return guide.substring(begin, guide.indexOf("\n## ", begin + 1));
    }

    @Test
    void every_setting_and_everything_that_can_be_ignored_stands_in_the_tables() throws IOException {
        String guide = Files.readString(Path.of("README.md"));
        assertThat(Arrays.stream(Setting.values()))
                .allSatisfy(setting -> assertThat(guide.lines().filter(line -> line.startsWith("| `")))
                        .anyMatch(
                                line -> line.substring(0, line.indexOf('|', 1)).contains("`" + setting.token() + "`")));
        assertThat(Arrays.stream(Ignored.values()))
                .allSatisfy(what -> assertThat(guide).contains("`" + what.token() + "`"));
    }

    @Test
    void every_reason_stands_in_the_table_with_its_source_and_no_other_does() throws IOException {
        List<String> rows = section("Reasons")
                .lines()
                .dropWhile(line -> !line.startsWith("|---"))
                .skip(1)
                .takeWhile(line -> line.startsWith("| "))
                .toList();
        assertThat(rows).hasSameSizeAs(Reason.values());
        assertThat(Arrays.stream(Reason.values()))
                .allSatisfy(reason -> assertThat(rows)
                        .filteredOn(row -> row.startsWith("| " + reason.token() + " |"))
                        .singleElement()
                        .asString()
                        .endsWith("| " + reason.source() + " |"));
    }

    @Test
    void each_guarantee_of_the_redis_store_names_tests_that_exist() throws IOException {
        List<String> rows = Files.readString(Path.of("README.md"))
                .lines()
                .dropWhile(line -> !line.equals("| what | guarantee | tests |"))
                .skip(2)
                .takeWhile(line -> line.startsWith("| "))
                .toList();
        assertThat(rows).hasSizeGreaterThan(10).allSatisfy(row -> {
            String[] cells = row.split(" \\| ", -1);
            assertThat(cells).hasSize(3);
            List<String> tests = Pattern.compile("`(\\w+)(?:#(\\w+))?`")
                    .matcher(cells[2].replaceAll("\\(`[^)]*\\)", ""))
                    .results()
                    .map(test ->
                            test.group(1) + " " + (test.group(2) == null ? "class " + test.group(1) : test.group(2)))
                    .toList();
            assertThat(tests).isNotEmpty().allSatisfy(ReadmeTest::assertExists);
        });
    }

    @Test
    void every_link_between_the_guides_leads_to_a_heading_or_a_file() throws IOException {
        for (String guide :
                List.of("README.md", "cache-core/README.md", "proxy-jetty/README.md", "proxy-cli/README.md")) {
            Path file = Path.of("..", guide);
            List<String> links = Pattern.compile("\\]\\(([^)\\s]+)\\)")
                    .matcher(Files.readString(file))
                    .results()
                    .map(link -> link.group(1))
                    .filter(link -> !link.startsWith("https://"))
                    .toList();
            assertThat(links).isNotEmpty().allSatisfy(link -> {
                String[] parts = link.split("#", 2);
                Path target = parts[0].isEmpty() ? file : file.resolveSibling(parts[0]);
                assertThat(target).exists();
                if (parts.length == 2) {
                    assertThat(anchors(target)).as(link).contains(parts[1]);
                }
            });
        }
    }

    /** The anchors that GitHub makes of the headings, and those that stand in the text. */
    private static List<String> anchors(Path guide) throws IOException {
        return Files.readAllLines(guide).stream()
                .filter(line -> line.matches("#+ .*|<a id=.*"))
                .map(line -> line.startsWith("<")
                        ? line.replaceAll("<a id=\"|\".*", "")
                        : line.replaceFirst("#+ ", "")
                                .toLowerCase(Locale.ROOT)
                                .replaceAll("[^a-z0-9 _-]", "")
                                .replace(' ', '-'))
                .toList();
    }

    private static void assertExists(String fileAndWords) throws IOException {
        String file = fileAndWords.substring(0, fileAndWords.indexOf(' ')) + ".java";
        String words = fileAndWords.substring(fileAndWords.indexOf(' ') + 1);
        try (Stream<Path> own = Files.walk(Path.of("src/test"));
                Stream<Path> others = Files.walk(Path.of("../proxy-cli/src/test"))) {
            assertThat(Stream.concat(own, others).filter(path -> path.endsWith(file)))
                    .singleElement()
                    .satisfies(path -> assertThat(Files.readString(path)).contains(words));
        }
    }
}
