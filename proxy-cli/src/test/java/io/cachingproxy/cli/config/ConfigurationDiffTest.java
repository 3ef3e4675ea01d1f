package io.cachingproxy.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.cachingproxy.cli.config.ConfigurationDiff.Masked;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The differences between two configurations as a unified diff. */
class ConfigurationDiffTest {
    private static final String ORIGIN = "origins: {shop: {servers: ['${SHOP}']}}\n";

    private static ConfigurationDiff diff(String before, String after, Masked masked) throws ConfigurationException {
        return ConfigurationDiff.of(Text.read(ORIGIN + before), Text.read(ORIGIN + after), masked);
    }

    private static String rules(IntStream numbers, String ttl) {
        return "rules:\n"
                + numbers.mapToObj(i -> "  - {name: r" + i + ", match: {path: /" + i + "}, ttl: " + ttl + "}\n")
                        .collect(Collectors.joining());
    }

    @Test
    void a_changed_added_or_removed_value_is_a_line_in_its_context() throws ConfigurationException {
        ConfigurationDiff diff = diff(
                "policy: standard\nport: 8000\nrules: [{name: a, tags: [x, y], ttl: 60s, coalesce: false}]",
                "policy: standard\nport: 8000\nrules: [{name: a, tags: [x, y, z], ttl: 5m, match: {path: '/b*: c'}}]",
                Masked.EQUAL);
        assertThat(diff.lines())
                .containsExactly(
                        "--- running",
                        "+++ new",
                        "@@ -9,5 +9,7 @@",
                        "     tags:",
                        "       - x",
                        "       - y",
                        "-    ttl: 60s",
                        "-    coalesce: false",
                        "+      - z",
                        "+    ttl: 5m",
                        "+    match:",
                        "+      path: \"/b*: c\"");
        assertThat(diff.added()).isEqualTo(4);
        assertThat(diff.removed()).isEqualTo(2);
        assertThat(diff.complete()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Masked.class)
    void comments_quotes_anchors_and_the_style_of_a_file_are_no_differences(Masked masked)
            throws ConfigurationException {
        ConfigurationDiff diff = diff(
                "rules: [{name: a, match: {path: /x}, ttl: 1s}, {name: b, match: {path: /x}, bypass: true}]",
                "# a comment\nrules:\n- name: 'a'\n  match: &x\n    path: \"/x\"\n  ttl: 1s\n- {name: b, match: *x, bypass: true}",
                masked);
        assertThat(diff.lines()).isEmpty();
        assertThat(diff.complete()).isTrue();
    }

    @Test
    void a_changed_secret_is_a_changed_line_where_secrets_are_compared_and_no_difference_where_they_are_not()
            throws ConfigurationException {
        String rule = "rules: [{name: a, request-headers: {set: {Authorization: Bearer %s}}}]";
        assertThat(diff(rule.formatted("one"), rule.formatted("two"), Masked.COMPARED)
                        .lines())
                .contains("-        Authorization: ***", "+        Authorization: ***")
                .noneMatch(line -> line.contains("one") || line.contains("two"));
        assertThat(diff(rule.formatted("one"), rule.formatted("two"), Masked.EQUAL)
                        .lines())
                .isEmpty();
    }

    @Test
    void secrets_are_shown_as_in_the_configuration_in_use() throws ConfigurationException {
        List<String> lines = diff(
                        "rules: []",
                        "redis: redis://user:s3cr3t@a.example:6379\n"
                                + "rules: [{name: a, match: {cookie: {sid: s3cr3t}, query: {t: s3cr3t}},"
                                + " response-headers: {set: {X-Key: 's3cr3t', X-Shop: '${EMPTY:s3cr3t}'}}}]",
                        Masked.COMPARED)
                .lines();
        assertThat(lines)
                .contains("+redis: redis://***@a.example:6379", "+        sid: ***", "+        X-Shop: ${EMPTY:***}")
                .noneMatch(line -> line.contains("s3cr3t"));
    }

    @Test
    void a_change_at_the_end_of_a_long_file_is_complete() throws ConfigurationException {
        String before = rules(IntStream.range(0, 2_000), "60s");
        ConfigurationDiff diff = diff(before, before.replace("/1999}, ttl: 60s", "/1999}, ttl: 5m"), Masked.EQUAL);
        assertThat(diff.lines()).hasSize(8).endsWith("       path: /1999", "-    ttl: 60s", "+    ttl: 5m");
        assertThat(diff.complete()).isTrue();
    }

    @Test
    void files_without_a_common_line_are_compared_in_bounded_time_and_the_answer_is_cut()
            throws ConfigurationException {
        Configuration one = Text.read(ORIGIN + rules(IntStream.range(0, 12_000), "60s"));
        Configuration other = Text.read(ORIGIN + rules(IntStream.range(50_000, 62_000), "5m"));
        ConfigurationDiff diff =
                assertTimeout(Duration.ofSeconds(20), () -> ConfigurationDiff.of(one, other, Masked.EQUAL));
        assertThat(diff.complete()).isFalse();
        assertThat(diff.lines()).hasSize(ConfigurationDiff.MOST_SHOWN);
        assertThat(diff.added()).isBetween(1, ConfigurationDiff.MOST_COMPARED);
    }

    @Test
    void a_long_value_is_cut_and_still_compared_as_a_whole() throws ConfigurationException {
        String path = "rules: [{name: a, match: {path: /" + "x".repeat(1 << 20) + "%s}, ttl: 1s}]";
        ConfigurationDiff diff = diff(path.formatted("a"), path.formatted("b"), Masked.EQUAL);
        assertThat(diff.added()).isEqualTo(1);
        assertThat(diff.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(600));
    }

    @Test
    void the_comparison_ends_when_its_thread_is_interrupted() throws ConfigurationException {
        Configuration one = Text.read(ORIGIN + rules(IntStream.range(0, 10), "60s"));
        Configuration other = Text.read(ORIGIN + rules(IntStream.range(0, 10), "5m"));
        Thread.currentThread().interrupt();
        try {
            assertThatExceptionOfType(CancellationException.class)
                    .isThrownBy(() -> ConfigurationDiff.of(one, other, Masked.EQUAL));
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }
}
