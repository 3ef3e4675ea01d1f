package io.cachingproxy.store.redis.channel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MemberTest {
    private static final Member MEMBER =
            new Member("id", "web1:8000 ä", "1.0", Instant.parse("2026-01-01T12:00:00Z"), 7, Duration.ofMillis(1500));

    private static byte[] announced(String seen, byte[] rest) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(seen.getBytes(UTF_8));
        bytes.writeBytes(rest);
        return bytes.toByteArray();
    }

    @Test
    void an_announcement_is_read_as_it_was_written() {
        assertThat(Member.parse("id", announced("1000 ", MEMBER.bytes()), 2500)).isEqualTo(MEMBER);
    }

    @Test
    void an_announcement_of_the_future_is_of_now() {
        Member read = Member.parse("id", announced("9000 ", MEMBER.bytes()), 2500);
        assertThat(read).isNotNull();
        assertThat(read.silence()).isZero();
    }

    @Test
    void an_announcement_of_a_later_version_may_have_more() {
        byte[] longer = announced("1000 ", announced("", MEMBER.bytes()));
        assertThat(Member.parse("id", Arrays.copyOf(longer, longer.length + 5), 2500))
                .isEqualTo(MEMBER);
    }

    @Test
    void what_is_cut_or_foreign_is_no_announcement() {
        byte[] whole = announced("1000 ", MEMBER.bytes());
        for (int length = 0; length < whole.length; length++) {
            assertThat(Member.parse("id", Arrays.copyOf(whole, length), 2500)).isNull();
        }
        assertThat(Member.parse("id", announced("no ", MEMBER.bytes()), 2500)).isNull();
        assertThat(Member.parse("id", announced("-1 ", MEMBER.bytes()), 2500)).isNull();
        assertThat(Member.parse("i".repeat(201), whole, 2500)).isNull();
    }

    @Test
    void a_name_is_cut() {
        Member named = new Member("id", "n".repeat(300), "v".repeat(300), MEMBER.started(), 7, Duration.ZERO);
        Member read = Member.parse("id", announced("0 ", named.bytes()), 0);
        assertThat(read).isNotNull();
        assertThat(read.name()).hasSize(200);
        assertThat(read.version()).hasSize(200);
    }
}
