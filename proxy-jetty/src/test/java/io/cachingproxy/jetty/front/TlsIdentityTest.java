package io.cachingproxy.jetty.front;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.cachingproxy.testkit.Certificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.cert.Certificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Two files that are read as one. */
class TlsIdentityTest {
    @TempDir
    private Path folder;

    private final Logger logger = (Logger) LoggerFactory.getLogger(TlsIdentity.class);
    private final Level level = logger.getLevel();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private Certificates first;
    private Certificates second;
    private Path chain;
    private Path key;
    private TlsIdentity identity;
    private long seconds = 1_000_000;

    @BeforeEach
    void start() throws Exception {
        log.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(log);
        first = Certificates.in(folder, "first", "EC");
        second = Certificates.in(folder, "second", "EC");
        chain = folder.resolve("site.pem");
        key = folder.resolve("site.key");
        write(first.chain(), chain);
        write(first.key(), key);
        identity = new TlsIdentity(CertificateFiles.of(chain, key));
        identity.tls().start();
    }

    @AfterEach
    void stop() throws Exception {
        identity.tls().stop();
        logger.detachAppender(log);
        logger.setLevel(level);
    }

    private void write(Path from, Path to) throws IOException {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        Files.setLastModifiedTime(to, FileTime.fromMillis(1000 * seconds++));
    }

    private void assertShown(Certificates expected) throws Exception {
        Certificate shown = identity.tls().getKeyStore().getCertificate("tls00000");
        assertThat(shown.getEncoded()).isEqualTo(expected.certificate().getEncoded());
    }

    private long warnings() {
        return log.list.stream().filter(line -> line.getLevel() == Level.WARN).count();
    }

    @Test
    void a_new_certificate_waits_for_its_key() throws Exception {
        write(second.chain(), chain);
        identity.run();
        assertShown(first);
        write(second.key(), key);
        identity.run();
        assertShown(second);
        assertThat(warnings()).isZero();
    }

    @Test
    void a_certificate_of_another_key_replaces_nothing_and_is_told_once() throws Exception {
        write(second.chain(), chain);
        for (int i = 0; i < 5; i++) {
            identity.run();
        }
        assertShown(first);
        assertThat(warnings()).isEqualTo(1);
        assertThat(log.list.get(0).getFormattedMessage())
                .isEqualTo(
                        "The certificate stays as it was: " + key + " is not the key of the certificate in " + chain);
    }

    @Test
    void a_key_that_is_written_with_the_same_time_is_found_all_the_same() throws Exception {
        write(second.chain(), chain);
        identity.run();
        FileTime time = Files.getLastModifiedTime(key);
        write(second.key(), key);
        Files.setLastModifiedTime(key, time);
        identity.run();
        assertShown(second);
    }

    @Test
    void what_did_not_change_is_not_read_again() throws Exception {
        identity.run();
        write(first.chain(), chain);
        identity.run();
        identity.run();
        assertThat(log.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("Certificate read anew from " + chain);
    }
}
