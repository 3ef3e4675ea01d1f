package io.cachingproxy.example;

import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.response;
import static io.cachingproxy.testkit.StoredResponses.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.policy.StoredResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResponseFileTest {
    private final StoredResponse sent = response("Content-Type", "text/plain");
    private Path path;
    private ResponseFile file;

    @BeforeEach
    void write(@TempDir Path directory) throws IOException {
        path = directory.resolve("entry");
        file = new ResponseFile(path);
        file.write(key("/"), sent, "hello".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void a_response_and_its_body_come_back() throws IOException {
        StoredResponse found = file.read(key("/"));
        assertThat(found.head()).isEqualTo(sent.head());
        assertThat(found.freshness()).isEqualTo(sent.freshness());
        assertThat(text(found)).isEqualTo("hello");
    }

    @Test
    void of_another_key_there_is_none() throws IOException {
        assertThat(file.read(key("/other"))).isNull();
    }

    @Test
    void a_truncated_file_has_none() throws IOException {
        byte[] whole = Files.readAllBytes(path);
        for (int length = 0; length < whole.length; length++) {
            Files.write(path, Arrays.copyOf(whole, length));
            assertThat(file.read(key("/"))).isNull();
        }
    }
}
