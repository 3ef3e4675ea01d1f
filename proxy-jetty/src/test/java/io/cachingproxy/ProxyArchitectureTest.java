package io.cachingproxy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Dependencies between the packages of the proxy. */
class ProxyArchitectureTest {
    private static final JavaClasses PROXY = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(
                    "io.cachingproxy.jetty",
                    "io.cachingproxy.origin",
                    "io.cachingproxy.net",
                    "io.cachingproxy.servlet",
                    "io.cachingproxy.spring");

    @Test
    void packages_have_no_cycles() {
        slices().matching("io.cachingproxy.(**)").should().beFreeOfCycles().check(PROXY);
    }

    @Test
    void dependencies_of_the_server_point_from_its_entry_points_to_hits_to_the_client_side() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("entry points")
                .definedBy("io.cachingproxy.jetty")
                .layer("hits")
                .definedBy("io.cachingproxy.jetty.hit")
                .layer("client side")
                .definedBy("io.cachingproxy.jetty.front")
                .layer("filter")
                .definedBy("io.cachingproxy.servlet..")
                .whereLayer("entry points")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("hits")
                .mayOnlyBeAccessedByLayers("entry points")
                .whereLayer("client side")
                .mayOnlyBeAccessedByLayers("entry points", "hits")
                .whereLayer("filter")
                .mayOnlyBeAccessedByLayers("entry points")
                .check(PROXY);
    }

    @Test
    void the_side_of_origins_knows_nothing_of_clients() {
        noClasses()
                .that()
                .resideInAPackage("io.cachingproxy.origin..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.cachingproxy.jetty..", "io.cachingproxy.servlet..", "jakarta..")
                .check(PROXY);
    }

    @Test
    void only_the_package_of_Spring_knows_Spring_and_it_knows_no_Jetty() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.cachingproxy.spring..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework..", "io.micrometer..")
                .check(PROXY);
        noClasses()
                .that()
                .resideInAPackage("io.cachingproxy.spring..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.eclipse.jetty..",
                        "io.cachingproxy.jetty..",
                        "io.cachingproxy.origin..",
                        "io.cachingproxy.net..")
                .check(PROXY);
    }

    @Test
    void the_filter_knows_no_Jetty() {
        noClasses()
                .that()
                .resideInAPackage("io.cachingproxy.servlet..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.eclipse.jetty..",
                        "io.cachingproxy.jetty..",
                        "io.cachingproxy.origin..",
                        "io.cachingproxy.net..")
                .check(PROXY);
    }

    @Test
    void what_both_sides_share_knows_neither() {
        noClasses()
                .that()
                .resideInAPackage("io.cachingproxy.net..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.cachingproxy.jetty..", "io.cachingproxy.origin..", "io.cachingproxy.servlet..")
                .check(PROXY);
    }
}
