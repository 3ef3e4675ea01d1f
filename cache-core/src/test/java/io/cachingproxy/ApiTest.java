package io.cachingproxy;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What applications can use of this module, and what they cannot. */
class ApiTest {
    private static final Path CLASSES = Path.of("target", "classes");

    /** What {@code module-info} requires of an application that keeps responses in memory. */
    private static final Pattern NEEDED = Pattern.compile("(caffeine|structured-fields|slf4j-api|re2j)-[0-9.]+\\.jar");

    /** One line a type; a line that is added or removed is a change of the API. */
    @Test
    void the_api_is_the_types_that_are_listed() throws IOException {
        Set<String> api = new TreeSet<>();
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.cachingproxy")) {
            if (exported().contains(type.getPackageName())
                    && type.isTopLevelClass()
                    && type.getModifiers().contains(JavaModifier.PUBLIC)) {
                api.add(type.getName());
            }
        }
        try (InputStream listed = ApiTest.class.getResourceAsStream("api.txt")) {
            assertThat(api).containsExactlyElementsOf(lines(listed.readAllBytes()));
        }
    }

    private static List<String> lines(byte[] text) {
        return new String(text, StandardCharsets.UTF_8).lines().toList();
    }

    private static Set<String> exported() {
        return ModuleFinder.of(CLASSES).find("io.cachingproxy").orElseThrow().descriptor().exports().stream()
                .filter(exports -> !exports.isQualified())
                .map(ModuleDescriptor.Exports::source)
                .collect(toCollection(TreeSet::new));
    }

    /** Without Redisson and Resilience4j, which only RedisStore needs. */
    @Test
    void a_modular_application_compiles_and_runs(@TempDir Path directory) throws Exception {
        assertThat(compiled(directory, """
                        package shop;

                        import io.cachingproxy.*;
                        import io.cachingproxy.http.*;
                        import io.cachingproxy.policy.Policy;

                        public class Main {
                            public static void main(String[] arguments) {
                                HttpCache cache = HttpCache.builder().policy(Policy.rfc9111()).build();
                                RequestHead request = new RequestHead("GET", new Target("https", "a.example", "/"), Headers.EMPTY);
                                Origin origin = (head, body, exchange) -> {
                                    exchange.onHead(new ResponseHead(200, Headers.of("Cache-Control", "max-age=60")));
                                    exchange.onComplete(Headers.EMPTY);
                                };
                                for (int i = 0; i < 2; i++) {
                                    Answer answer = cache.serve(request, Content.empty(), origin).toCompletableFuture().join();
                                    answer.content().cancel();
                                    System.out.println(answer.head().headers().first("Cache-Status"));
                                }
                            }
                        }
                        """)).isEmpty();
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--module-path",
                        directory + File.pathSeparator + modulePath(),
                        "--module",
                        "shop/shop.Main")
                .redirectErrorStream(true)
                .start();
        assertThat(lines(java.getInputStream().readAllBytes()))
                .anySatisfy(line -> assertThat(line).contains("fwd=uri-miss", "stored"))
                .anySatisfy(line -> assertThat(line).contains("; hit; "));
        assertThat(java.waitFor()).isZero();
    }

    @Test
    void what_is_not_exported_cannot_be_used(@TempDir Path directory) throws IOException {
        for (String hidden : List.of(
                "http.fields.HopByHop",
                "http.syntax.FieldValues",
                "policy.parts.Validation",
                "store.parts.Bans",
                "store.redis.link.RedisLink")) {
            assertThat(compiled(directory, "package shop; class Main { io.cachingproxy." + hidden + " hidden; }"))
                    .contains("io.cachingproxy." + hidden.substring(0, hidden.lastIndexOf('.')) + " is not visible");
        }
    }

    /** What the compiler says of a module that requires this one; empty if nothing. */
    private static String compiled(Path directory, String main) throws IOException {
        Path module = Files.writeString(
                Files.createDirectories(directory).resolve("module-info.java"),
                "module shop { requires io.cachingproxy; }");
        Path source = Files.writeString(
                Files.createDirectories(directory.resolve("shop")).resolve("Main.java"), main);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options = List.of("-d", directory.toString(), "--module-path", modulePath());
            compiler.getTask(said, files, null, options, null, files.getJavaFileObjects(module, source))
                    .call();
        }
        return said.toString();
    }

    private static String modulePath() {
        String jars = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry ->
                        NEEDED.matcher(Path.of(entry).getFileName().toString()).matches())
                .collect(Collectors.joining(File.pathSeparator));
        return CLASSES + File.pathSeparator + jars;
    }
}
