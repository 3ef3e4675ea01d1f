package io.cachingproxy.jetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.eclipse.jetty.util.Jetty;
import org.junit.jupiter.api.Test;

/** The classes of this module where Jetty, an optional dependency, is missing in whole or in part. */
class WithoutJettyTest {
    private static final String[] OPTIONAL = {
        "jetty", "spring", "micrometer", "opentelemetry", "redisson", "netty", "resilience4j", "tomcat", "undertow"
    };

    @Test
    void a_proxy_server_without_Jetty_says_what_to_add() throws Exception {
        try (URLClassLoader loader = without(OPTIONAL)) {
            Class<?> server = loader.loadClass(ProxyServer.class.getName());
            assertThatThrownBy(() -> server.getMethod("builder").invoke(null))
                    .isInstanceOf(InvocationTargetException.class)
                    .cause()
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("add, in version " + RequiredJetty.VERSION)
                    .hasMessageContaining("org.eclipse.jetty:jetty-server")
                    .hasMessageContaining("org.eclipse.jetty.http2:jetty-http2-client-transport");
        }
    }

    @Test
    void a_proxy_server_without_HTTP2_says_what_to_add() throws Exception {
        try (URLClassLoader loader = without("http2")) {
            Class<?> server = loader.loadClass(ProxyServer.class.getName());
            Object builder = server.getMethod("builder").invoke(null);
            builder.getClass()
                    .getMethod("origin", java.net.URI.class)
                    .invoke(builder, java.net.URI.create("http://127.0.0.1:1"));
            assertThatThrownBy(() -> builder.getClass().getMethod("build").invoke(builder))
                    .isInstanceOf(InvocationTargetException.class)
                    .cause()
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("org.eclipse.jetty.http2:jetty-http2-server");
        }
    }

    @Test
    void the_version_to_add_is_the_one_that_is_tested_and_in_the_guide() throws IOException {
        assertThat(RequiredJetty.VERSION).isEqualTo(Jetty.VERSION);
        assertThat(Files.readString(Path.of("README.md"))).contains("<version>" + Jetty.VERSION + "</version>");
        assertThat(RequiredJetty.isTooOld(Jetty.VERSION)).isFalse();
        assertThat(RequiredJetty.isTooOld("12.2.0")).isFalse();
        assertThat(RequiredJetty.isTooOld("12.0.29")).isTrue();
        assertThat(RequiredJetty.isTooOld("11.0.26")).isTrue();
    }

    @Test
    void a_proxy_server_without_OpenTelemetry_has_no_spans() throws Exception {
        try (URLClassLoader loader = without("opentelemetry")) {
            Class<?> tracing = loader.loadClass("io.cachingproxy.jetty.tracing.Tracing");
            assertThat(tracing.getMethod("ofProcess").invoke(null))
                    .isSameAs(tracing.getField("NO_SPANS").get(null));
        }
    }

    @Test
    void the_filter_links_without_Jetty() throws Exception {
        try (URLClassLoader loader = without(OPTIONAL)) {
            Class<?> filter = Class.forName("io.cachingproxy.servlet.CachingFilter", true, loader);
            Object made = filter.getConstructor().newInstance();
            assertThat(made.getClass().getClassLoader()).isSameAs(loader);
            for (File file : classesOf("servlet")) {
                Class.forName("io.cachingproxy.servlet." + file.getName().replace(".class", ""), true, loader);
            }
        }
    }

    private static List<File> classesOf(String name) {
        File[] files = Path.of("target", "classes", "io", "cachingproxy", name)
                .toFile()
                .listFiles((directory, file) -> file.endsWith(".class") && !file.equals("package-info.class"));
        assertThat(files).isNotEmpty();
        return List.of(files);
    }

    /** The class path of this test without the artifacts whose file name contains one of these words. */
    private static URLClassLoader without(String... words) throws IOException {
        Predicate<String> left = entry -> {
            String file = new File(entry).getName();
            return file.endsWith(".jar") && List.of(words).stream().anyMatch(file::contains);
        };
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (!left.test(entry)) {
                urls.add(Path.of(entry).toUri().toURL());
            }
        }
        return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }
}
