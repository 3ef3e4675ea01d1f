package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisAddressTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "redis://localhost redis://localhost:6379",
                "redis://user:secret@h:6379/3 redis://h:6379/3",
                "rediss://:se@cret@h:6380 rediss://h:6380",
                "redis://:secret@h1:1,h2:2 redis://h1:1,h2:2",
                "redis-sentinel://:secret@h1,h2/main redis-sentinel://h1:26379,h2:26379/main"
            })
    void is_shown_without_its_secrets(String url, String shown) {
        assertThat(RedisAddress.parse(url)).hasToString(shown);
    }
}
