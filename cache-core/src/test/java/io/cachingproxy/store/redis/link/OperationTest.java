package io.cachingproxy.store.redis.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class OperationTest {
    @Test
    void every_operation_and_no_other_stands_in_the_guide() throws IOException {
        List<String> rows = Files.readAllLines(Path.of("README.md")).stream()
                .dropWhile(line -> !line.startsWith("| operation |"))
                .skip(2)
                .takeWhile(line -> line.startsWith("| "))
                .toList();
        List<String> named = rows.stream()
                .flatMap(row -> Pattern.compile("`([a-z]+)`")
                        .matcher(row.split("\\|")[1])
                        .results())
                .map(found -> found.group(1))
                .toList();
        assertThat(named)
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(Operation.values()).map(Operation::token).toList());
    }
}
