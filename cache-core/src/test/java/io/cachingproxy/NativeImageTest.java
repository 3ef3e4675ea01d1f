package io.cachingproxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.cachingproxy.store.redis.link.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The reachability metadata for GraalVM: what a native image of an application has to contain. */
class NativeImageTest {
    private static final Path RESOURCES = Path.of("src", "main", "resources");
    private static final Path METADATA =
            RESOURCES.resolve(Path.of("META-INF", "native-image", "io.cachingproxy", "cache-core"));

    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.cachingproxy");

    private static Set<String> callers(Class<?> owner, String method) {
        return CORE.stream()
                .flatMap(type -> type.getMethodCallsFromSelf().stream())
                .filter(call -> call.getTargetOwner().isEquivalentTo(owner)
                        && call.getTarget().getName().startsWith(method))
                .map(call -> call.getOriginOwner().getName())
                .collect(Collectors.toSet());
    }

    @Test
    void every_resource_that_is_loaded_is_included() throws IOException {
        List<Pattern> included = Pattern.compile("\"pattern\": \"(.*)\"")
                .matcher(Files.readString(METADATA.resolve("resource-config.json")))
                .results()
                .map(pattern -> Pattern.compile(pattern.group(1).replace("\\\\", "\\")))
                .toList();
        try (Stream<Path> files = Files.walk(RESOURCES)) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> RESOURCES.relativize(file).toString().replace('\\', '/'))
                            .filter(name -> !name.startsWith("META-INF/")))
                    .hasSizeGreaterThan(Script.values().length)
                    .allMatch(name -> included.stream()
                            .anyMatch(each -> each.matcher(name).matches()));
        }
    }

    @Test
    void only_the_scripts_are_loaded_as_resources() {
        assertThat(callers(Class.class, "getResource")).containsExactly(Script.class.getName());
        assertThat(callers(ClassLoader.class, "getResource")).isEmpty();
    }

    @Test
    void nothing_is_found_by_reflection() {
        assertThat(callers(Class.class, "forName")).isEmpty();
        assertThat(callers(ClassLoader.class, "loadClass")).isEmpty();
        assertThat(CORE.stream()
                        .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                        .map(dependency -> dependency.getTargetClass())
                        .map(JavaClass::getName))
                .doesNotContain("java.util.ServiceLoader", "java.lang.reflect.Proxy");
    }
}
