package io.cachingproxy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The lines that this module's packages keep. */
class ArchitectureTest {
    private static final String[] RULES = {
        "io.cachingproxy.http..", "io.cachingproxy.key..", "io.cachingproxy.policy..", "io.cachingproxy.rules.."
    };

    private static final Set<String> HARMLESS = Set.of(
            "java.net.InetAddress", // of a literal: names are never looked up
            "java.util.concurrent.ConcurrentHashMap", // keeps what was computed
            "java.net.InetSocketAddress",
            "java.net.SocketAddress",
            "java.net.UnknownHostException",
            "java.net.URI",
            "java.net.URISyntaxException",
            "java.net.URLDecoder",
            "java.io.IOException",
            "java.io.UncheckedIOException",
            "java.io.Serializable");

    /** Content in the forms of the platform: a stage, a stream whose reads block, a publisher. They do what the content does. */
    private static final Set<String> FORMS_OF_CONTENT = Set.of(
            "io.cachingproxy.http.Content",
            "io.cachingproxy.http.ContentCollector",
            "io.cachingproxy.http.ContentInputStream",
            "io.cachingproxy.http.PublisherContent");

    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.cachingproxy");

    /** A package each; {@code parts} is the half of a package that is not exported, and one concept with it. */
    private static final SliceAssignment CONCEPTS = new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            String concept = type.getPackageName().replaceAll("\\.parts$", "");
            return concept.equals("io.cachingproxy") ? SliceIdentifier.ignore() : SliceIdentifier.of(concept);
        }

        @Override
        public String getDescription() {
            return "packages";
        }
    };

    @Test
    void the_flow_goes_one_way() {
        Architectures.layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("http")
                .definedBy("io.cachingproxy.http..")
                .layer("key")
                .definedBy("io.cachingproxy.key..")
                .layer("policy")
                .definedBy("io.cachingproxy.policy..")
                .layer("store")
                .definedBy("io.cachingproxy.store..")
                .optionalLayer("cache")
                .definedBy("io.cachingproxy")
                .whereLayer("cache")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("store")
                .mayOnlyBeAccessedByLayers("cache")
                .whereLayer("policy")
                .mayOnlyBeAccessedByLayers("store", "cache")
                .whereLayer("key")
                .mayOnlyBeAccessedByLayers("policy", "store", "cache")
                .check(CORE);
    }

    @Test
    void packages_have_no_cycles() {
        slices().assignedFrom(CONCEPTS).should().beFreeOfCycles().check(CORE);
    }

    /** Each room of the Redis store uses only those before it. */
    @Test
    void the_rooms_of_the_redis_store_are_in_one_chain() {
        List<String> rooms = List.of("link", "bodies", "near", "channel", "leases", "entries");
        String redis = "io.cachingproxy.store.redis";
        for (int i = 0; i < rooms.size(); i++) {
            List<String> above = new ArrayList<>(List.of(redis));
            rooms.subList(i + 1, rooms.size()).forEach(room -> above.add(redis + '.' + room));
            check(noClasses()
                    .that()
                    .resideInAPackage(redis + '.' + rooms.get(i))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(above.toArray(String[]::new)));
        }
        check(noClasses()
                .that()
                .resideOutsideOfPackage(redis + "..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(redis + ".*"));
    }

    @Test
    void only_the_redis_store_knows_redisson() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("io.cachingproxy.store.redis..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.redisson..", "io.netty..", "io.github.resilience4j.."));
    }

    @Test
    void the_rules_do_no_io() {
        check(noClasses()
                .that()
                .resideInAnyPackage(RULES)
                .and(DescribedPredicate.describe(
                        "are not forms of content", type -> !FORMS_OF_CONTENT.contains(type.getName())))
                .should()
                .dependOnClassesThat(DescribedPredicate.<JavaClass>describe(
                        "do I/O or run concurrently", ArchitectureTest::doesIo)));
    }

    private static boolean doesIo(JavaClass type) {
        String name = type.getPackageName();
        boolean harmless = HARMLESS.contains(type.getName());
        boolean io = Set.of("java.net", "java.io", "java.nio.channels", "java.nio.file")
                .contains(name);
        return !harmless && (io || name.startsWith("java.util.concurrent"));
    }

    @Test
    void the_rules_are_told_the_time() {
        check(noClasses()
                .that()
                .resideInAnyPackage(RULES)
                .should()
                .callMethodWhere(
                        DescribedPredicate.<JavaMethodCall>describe("asks a clock", ArchitectureTest::asksClock)));
    }

    private static boolean asksClock(JavaMethodCall call) {
        JavaClass owner = call.getTargetOwner();
        String method = call.getTarget().getName();
        return method.equals("now")
                || owner.isEquivalentTo(Clock.class)
                || owner.isEquivalentTo(InstantSource.class)
                || owner.isEquivalentTo(System.class)
                        && Set.of("currentTimeMillis", "nanoTime").contains(method);
    }

    @Test
    void only_its_origin_and_the_client_know_the_http_client_of_the_platform() {
        check(noClasses()
                .that()
                .haveNameNotMatching("io\\.cachingproxy\\.(HttpClient|client\\.).*")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.net.http.."));
    }

    @Test
    void the_test_kit_of_applications_needs_nothing_that_is_not_in_its_jar() throws IOException {
        Set<String> kit = Pattern.compile("<include>io/cachingproxy/testkit/(\\w+)\\*\\.class</include>")
                .matcher(Files.readString(Path.of("pom.xml")))
                .results()
                .map(include -> "io.cachingproxy.testkit." + include.group(1))
                .collect(Collectors.toSet());
        assertThat(kit).hasSize(8);
        JavaClasses tests = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
                .importPackages("io.cachingproxy");
        noClasses()
                .that(DescribedPredicate.describe("are in the test kit", type -> isOf(kit, type)))
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "are not in the test kit, nor what it needs", type -> !isBesideOf(kit, tests, type)))
                .check(tests);
    }

    private static boolean isOf(Set<String> kit, JavaClass type) {
        return kit.contains(type.getName().replaceAll("\\$.*", ""));
    }

    private static boolean isBesideOf(Set<String> kit, JavaClasses tests, JavaClass type) {
        JavaClass element = type.getBaseComponentType();
        return element.isPrimitive()
                || isOf(kit, element)
                || element.getPackageName().startsWith("java.")
                || element.getPackageName().startsWith("org.junit.jupiter.api")
                || element.getPackageName().startsWith("org.assertj.core")
                || element.getPackageName().startsWith("org.jspecify")
                || element.getPackageName().startsWith("jakarta.servlet")
                || element.getPackageName().startsWith("io.cachingproxy") && !tests.contain(element.getName());
    }

    @Test
    void the_core_knows_no_server() {
        check(noClasses().should().dependOnClassesThat().resideInAnyPackage("jakarta..", "org.eclipse.jetty.."));
    }

    private static void check(ArchRule rule) {
        rule.check(CORE);
    }
}
