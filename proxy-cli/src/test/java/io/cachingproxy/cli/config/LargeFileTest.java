package io.cachingproxy.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The effort of reading a file grows with its size, not with the square of it, and ends with an interrupt. */
class LargeFileTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static String repeated(int number, IntFunction<String> each) {
        return IntStream.range(0, number).mapToObj(each).collect(Collectors.joining());
    }

    @AfterEach
    void clear() {
        Thread.interrupted();
    }

    @Test
    void two_hundred_thousand_hosts_of_a_site_are_read() {
        String file = "origins: {a: {servers: [http://a]}}\nsites: [{origin: a, hosts: ["
                + repeated(200_000, i -> "h" + i + ".x,") + "h0.x]}]\n";
        Configuration read = assertTimeoutPreemptively(LIMIT, () -> Text.read(file));
        assertThat(read.sites().get(0).hosts()).hasSize(200_000).startsWith("h0.x", "h1.x");
    }

    @Test
    void twenty_thousand_servers_of_an_origin_are_read() {
        String file = "origins: {a: {servers: [" + repeated(20_000, i -> "'http://10.0.0.1:1/" + i + "',")
                + "'http://10.0.0.1:1/20000']}}\n";
        Configuration read = assertTimeoutPreemptively(LIMIT, () -> Text.read(file));
        assertThat(read.origins().get("a").settings().servers()).hasSize(20_001);
    }

    @Test
    void eight_thousand_rules_that_redirect_to_each_other_are_read() {
        String file = "origins: {a: {servers: [http://a]}}\nrules:\n"
                + repeated(
                        8_000,
                        i -> "- {name: r%d, match: {path: /a%d}, redirect: {to: /a%d}}\n".formatted(i, i, i + 1));
        Configuration read = assertTimeoutPreemptively(LIMIT, () -> Text.read(file));
        assertThat(read.rules()).hasSize(8_000);
    }

    @Test
    void an_interrupt_ends_the_reading_of_a_file() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> Text.read("origins: {a: {servers: [http://a]}}\n"))
                .isInstanceOf(CancellationException.class);
    }
}
