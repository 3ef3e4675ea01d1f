package io.cachingproxy.store.redis.channel;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Target;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.bytes.ByteWriter;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What one node says is what the others hear, and noise is nothing. */
class ChangeTest {
    private static final CacheKey KEY = new CacheKey("GET", new Target("http", "a:1", "/x?ä"));

    static List<Change> whole() {
        return List.of(
                new Change.Stored("n1", KEY),
                new Change.Stored("n1", new CacheKey("QUERY", KEY.target(), "0123")),
                new Change.Removed("n1", 5, KEY),
                new Change.Removed("n1", 0, KEY),
                new Change.LeaseOver("", KEY, ""),
                new Change.LeaseOver("", KEY, "0123"),
                new Change.Question("n1"),
                new Change.Heartbeat("n1"));
    }

    @ParameterizedTest
    @MethodSource("whole")
    void a_change_arrives_as_it_was_sent(Change change) {
        assertThat(Change.parse(change.bytes())).isEqualTo(change);
    }

    // The scripts append the stamp that they give out.
    @Test
    void a_stamp_in_digits_after_a_removal_of_many_counts() {
        Purge purge = Purge.soft(new Purge.Scope.Tag("news"), Instant.EPOCH);
        assertThat(Change.parse(appended(new Change.Cleared("n1", 0), "78"))).isEqualTo(new Change.Cleared("n1", 78));
        assertThat(Change.parse(appended(new Change.Purged("n1", purge), "79")))
                .isEqualTo(new Change.Purged("n1", purge, 79));
        assertThat(Change.parse(appended(new Change.Heartbeat("n1"), "80"))).isEqualTo(new Change.Heartbeat("n1", 80));
        assertThat(Change.parse(appended(new Change.Cleared("n1", 0), "no number")))
                .isEqualTo(new Change.Cleared("n1", 0));
    }

    private static byte[] appended(Change change, String digits) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(change.bytes());
        bytes.writeBytes(digits.getBytes(US_ASCII));
        return bytes.toByteArray();
    }

    @Test
    void what_was_cut_short_or_is_of_no_kind_is_no_change() {
        for (Change change : whole()) {
            byte[] bytes = change.bytes();
            for (int length = 0; length < bytes.length; length++) {
                assertThat(Change.parse(Arrays.copyOf(bytes, length))).isNull();
            }
        }
        assertThat(Change.parse(new ByteWriter().number4('X').text("n1").bytes()))
                .isNull();
        assertThat(Change.parse(new ByteWriter().number4(-1).text("n1").bytes()))
                .isNull();
    }
}
