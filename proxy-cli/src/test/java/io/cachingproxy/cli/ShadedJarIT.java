package io.cachingproxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is in the jar besides classes. */
class ShadedJarIT {
    private static final String SERVICES = "META-INF/services/";

    private JarFile jar;

    @BeforeEach
    void open() throws IOException {
        jar = new JarFile(System.getProperty("caching-proxy.jar"));
    }

    @AfterEach
    void close() throws IOException {
        jar.close();
    }

    private String text(String name) throws IOException {
        ZipEntry entry = jar.getEntry(name);
        assertThat(entry).as(name).isNotNull();
        return new String(jar.getInputStream(entry).readAllBytes(), UTF_8);
    }

    private boolean hasClass(String name) {
        return jar.getEntry(name.replace('.', '/') + ".class") != null;
    }

    @Test
    void every_service_and_its_providers_are_in_the_jar() throws IOException {
        List<String> services = jar.stream()
                .map(ZipEntry::getName)
                .filter(name -> name.startsWith(SERVICES) && !name.endsWith("/"))
                .toList();
        assertThat(services).contains(SERVICES + "org.slf4j.spi.SLF4JServiceProvider");
        for (String service : services) {
            String type = service.substring(SERVICES.length());
            assertThat(hasClass(type)).as(type).isTrue();
            assertThat(text(service)
                            .lines()
                            .map(line -> line.replaceAll("#.*", "").strip())
                            .filter(line -> !line.isEmpty()))
                    .isNotEmpty()
                    .allMatch(this::hasClass);
        }
    }

    @Test
    void the_native_code_of_the_codings_is_for_each_supported_platform() {
        assertThat(jar.stream().map(ZipEntry::getName).filter(name -> name.matches(".*\\.(so|dylib|dll|jnilib)")))
                .filteredOn(name -> name.contains("brotli") || name.contains("zstd"))
                .map(name -> name.replaceFirst("[^/]*$", ""))
                .containsExactlyInAnyOrder(
                        "lib/linux-x86_64/",
                        "lib/linux-aarch64/",
                        "lib/osx-x86_64/",
                        "lib/osx-aarch64/",
                        "lib/windows-x86_64/",
                        "linux/amd64/",
                        "linux/aarch64/",
                        "darwin/x86_64/",
                        "darwin/aarch64/",
                        "win/amd64/");
    }

    @Test
    void the_licences_of_what_is_in_it_are_in_it() throws IOException {
        assertThat(text("META-INF/LICENSE")).contains("Apache License");
        assertThat(text("META-INF/NOTICE")).contains("The caching-proxy authors", "Jackson");
        assertThat(text("META-INF/THIRD-PARTY.txt"))
                .contains(
                        "ch.qos.logback:logback-classic",
                        "org.redisson:redisson",
                        "org.eclipse.jetty:jetty-server",
                        "com.github.luben:zstd-jni")
                .doesNotContain("org.junit", "Unknown license");
        assertThat(text("META-INF/licenses/EPL-2.0.txt")).contains("Eclipse Public License");
        assertThat(text("META-INF/licenses/slf4j-MIT.txt")).contains("QOS.ch");
        assertThat(text("META-INF/licenses/re2j-BSD-3-Clause.txt")).contains("The Go Authors");
        assertThat(text("META-INF/licenses/brotli-MIT.txt")).contains("the Brotli Authors");
        assertThat(text("META-INF/licenses/zstd-BSD-3-Clause.txt")).contains("Meta Platforms");
        assertThat(text("META-INF/licenses/zstd-jni-BSD-2-Clause.txt")).contains("Luben Karavelov");
        assertThat(text("META-INF/licenses/uplot-MIT.txt")).contains("Leon Sorokin");
    }
}
