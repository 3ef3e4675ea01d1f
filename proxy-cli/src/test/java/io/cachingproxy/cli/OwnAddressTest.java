package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OwnAddressTest {
    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:8000,127.0.0.1",
        "http://localhost:8000,127.0.0.1",
        "http://LOCALHOST:8000/prefix,127.0.0.1",
        "http://localhost:8000,localhost",
        "http://0.0.0.0:8000,127.0.0.1",
        "http://[::]:8000,127.0.0.1",
        "http://[::ffff:127.0.0.1]:8000,127.0.0.1",
        "http://[::1]:8000,::1",
        "http://[0:0:0:0:0:0:0:1]:8000,::1",
        "http://127.0.0.1:8000,0.0.0.0",
        "http://localhost:8000,0.0.0.0",
        "http://[::1]:8000,0.0.0.0",
        "http://127.9.9.9:8000,::",
        "https://127.0.0.1:8000,127.0.0.1"
    })
    void a_url_that_leads_to_the_listener(URI origin, String host) {
        assertThat(OwnAddress.isReachedBy(origin, host, 8000)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:8001,127.0.0.1",
        "http://127.0.0.1,127.0.0.1",
        "http://127.0.0.2:8000,127.0.0.1",
        "http://[::1]:8000,127.0.0.1",
        "http://192.0.2.1:8000,0.0.0.0",
        "http://no.such.name.invalid:8000,127.0.0.1"
    })
    void one_that_does_not(URI origin, String host) {
        assertThat(OwnAddress.isReachedBy(origin, host, 8000)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"http://127.0.0.1,80", "https://127.0.0.1,443"})
    void the_usual_port_need_not_be_written(URI origin, int port) {
        assertThat(OwnAddress.isReachedBy(origin, "127.0.0.1", port)).isTrue();
    }
}
