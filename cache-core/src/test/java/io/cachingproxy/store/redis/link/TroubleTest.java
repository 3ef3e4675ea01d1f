package io.cachingproxy.store.redis.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.redisson.client.RedisConnectionException;
import org.redisson.client.RedisException;
import org.redisson.client.RedisLoadingException;

class TroubleTest {
    private static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(
                        new RedisException("WRONGPASS invalid username-password pair secret"),
                        "Redis cannot be used: it refuses the user or password"),
                Arguments.of(
                        new RedisException("NOAUTH Authentication required. secret"),
                        "Redis cannot be used: it requires a password"),
                Arguments.of(
                        new RedisException("NOPERM this user has no permissions: secret"),
                        "Redis cannot be used: its user lacks a right that is needed"),
                Arguments.of(
                        new RedisLoadingException("LOADING secret"),
                        "Redis cannot be used: it is still loading its data"),
                Arguments.of(new UnknownHostException("secret"), "Redis is not reachable: unknown host name"),
                Arguments.of(new ConnectException("secret"), "Redis is not reachable: no connection"),
                Arguments.of(
                        new SSLHandshakeException("secret"), "Redis is not reachable: TLS failed: the certificate"),
                Arguments.of(new TimeoutException(), "Redis is not reachable: no answer in time"),
                Arguments.of(new SocketException("secret"), "Redis is not reachable: connection closed"),
                Arguments.of(new IOException("secret"), "Redis is not reachable: IOException"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void each_failure_has_words_which_repeat_nothing_of_its_message(Exception failure, String sentence) {
        assertThat(Trouble.of(failure).sentence()).startsWith(sentence).doesNotContain("secret");
        Throwable wrapped = new CompletionException(new RedisConnectionException("Unable to connect: secret", failure));
        assertThat(Trouble.of(wrapped).sentence()).startsWith(sentence).doesNotContain("secret");
    }
}
