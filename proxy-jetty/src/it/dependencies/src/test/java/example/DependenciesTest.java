package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cachingproxy.HttpCache;
import io.cachingproxy.jetty.ProxyServer;
import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What an application gets with proxy-jetty. */
class DependenciesTest {
    @Test
    void an_application_gets_the_cache_and_neither_Jetty_nor_Spring_nor_Redisson() {
        TreeSet<String> artifacts = new TreeSet<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (entry.endsWith(".jar") && !entry.matches(".*[/\\\\](org[/\\\\](junit|apiguardian|opentest4j|apache)[/\\\\]).*")) {
                artifacts.add(Path.of(entry).getFileName().toString().replaceAll("-[0-9].*", ""));
            }
        }
        assertEquals(
                new TreeSet<>(Arrays.asList(
                        "cache-core",
                        "caffeine",
                        "error_prone_annotations",
                        "jspecify",
                        "proxy-jetty",
                        "re2j",
                        "slf4j-api",
                        "structured-fields")),
                artifacts);
    }

    @Test
    void the_cache_works() {
        try (HttpCache cache = HttpCache.builder().build()) {
            assertEquals(0, cache.store().keys());
        }
    }

    @Test
    void a_proxy_server_without_Jetty_says_what_to_add() {
        IllegalStateException missing = assertThrows(IllegalStateException.class, ProxyServer::builder);
        assertTrue(missing.getMessage().contains("org.eclipse.jetty:jetty-server"), missing.getMessage());
    }
}
