package io.cachingproxy.jetty;

import io.cachingproxy.testkit.Certificates;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The same over TLS, whose connection may have taken bytes that the system has not. */
class HitWritesOverTlsTest extends HitWritesTest {
    @TempDir
    static Path folder;

    private static Certificates identity;

    @BeforeAll
    static void certify() throws Exception {
        identity = Certificates.in(folder, "a", "EC");
    }

    @Override
    Certificates identity() {
        return identity;
    }
}
