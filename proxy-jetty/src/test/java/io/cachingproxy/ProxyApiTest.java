package io.cachingproxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The API of this module: the public types of its entry points, and the types in their signatures. There is no {@code
 * module-info}, because these packages of Jetty are not exported: {@code org.eclipse.jetty.server.internal}, {@code
 * org.eclipse.jetty.client.transport.internal}, {@code org.eclipse.jetty.http2.client.transport.internal}.
 */
class ProxyApiTest {
    private static final Set<String> ENTRY_POINTS = Set.of("io.cachingproxy.jetty", "io.cachingproxy.servlet");

    private static final JavaClasses MODULE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(
                    "io.cachingproxy.jetty",
                    "io.cachingproxy.origin",
                    "io.cachingproxy.net",
                    "io.cachingproxy.servlet");

    /** One type a line; an added or removed line is a change of the API. */
    @Test
    void the_api_is_the_types_that_are_listed() throws IOException {
        Set<String> api = new TreeSet<>();
        Deque<JavaClass> unread = new ArrayDeque<>();
        MODULE.stream()
                .filter(type -> ENTRY_POINTS.contains(type.getPackageName()) && isVisible(type))
                .forEach(unread::add);
        Set<JavaClass> read = new HashSet<>();
        while (!unread.isEmpty()) {
            JavaClass type = unread.remove();
            if (read.add(type)) {
                api.add(type.getName().replaceFirst("\\$.*", ""));
                signatures(type)
                        .flatMap(each -> each.getAllInvolvedRawTypes().stream())
                        .filter(each -> MODULE.contain(each.getName()))
                        .forEach(unread::add);
            }
        }
        try (InputStream listed = ProxyApiTest.class.getResourceAsStream("proxy-api.txt")) {
            assertThat(api)
                    .containsExactlyElementsOf(new String(listed.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .toList());
        }
    }

    /** Whether the type, and each type around it, is public. */
    private static boolean isVisible(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && type.getEnclosingClass().map(ProxyApiTest::isVisible).orElse(true);
    }

    private static Stream<JavaType> signatures(JavaClass type) {
        return type.getMembers().stream()
                .filter(member -> member.getModifiers().contains(JavaModifier.PUBLIC)
                        || member.getModifiers().contains(JavaModifier.PROTECTED))
                .flatMap(ProxyApiTest::signature);
    }

    private static Stream<JavaType> signature(JavaMember member) {
        if (member instanceof JavaCodeUnit code) {
            return Stream.concat(Stream.of(code.getReturnType()), code.getParameterTypes().stream());
        }
        return Stream.of(((JavaField) member).getType());
    }
}
