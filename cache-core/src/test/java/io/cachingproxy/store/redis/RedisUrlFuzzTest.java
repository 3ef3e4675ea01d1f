package io.cachingproxy.store.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Whatever is given as the URL of Redis: it is one, or one line says why not and keeps the password to itself. */
class RedisUrlFuzzTest {
    private static final String PASSWORD = "hunter2";

    @FuzzTest(maxDuration = "25s")
    void a_url_is_read_or_refused_in_one_line_without_the_password(byte[] input) {
        String text = new String(input, UTF_8);
        RedisUrl url;
        try {
            url = RedisUrl.parse(text);
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotEmpty().doesNotContain("\n", "\r", PASSWORD);
            return;
        }
        assertThat(url.addresses()).isNotEmpty().allMatch(address -> address.matches("\\S+:[0-9]{1,5}"));
        assertThat(RedisUrl.parse(url.toString()).addresses()).isEqualTo(url.addresses());
        assertThat(text.contains("@")
                        && url.toString().contains(PASSWORD)
                        && !text.substring(text.indexOf('@')).contains(PASSWORD))
                .isFalse();
    }
}
