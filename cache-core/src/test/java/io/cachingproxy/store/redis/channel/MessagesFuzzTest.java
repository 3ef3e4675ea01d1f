package io.cachingproxy.store.redis.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Whatever comes over the channel or stands in the control key: purges and changes, or nothing. */
class MessagesFuzzTest {
    /** A message of the channel; and a field of the control key after a byte with its length, then the value. */
    @FuzzTest(maxDuration = "25s")
    void bytes_are_a_message_or_nothing(byte[] input) {
        Change change = Change.parse(input);
        if (change instanceof Change.Heartbeat heartbeat) { // Redis appends the time
            assertThat(Change.parse(heartbeat.bytes())).isEqualTo(new Change.Heartbeat(heartbeat.node()));
        } else if (change != null && !(change instanceof Change.Cleared) && !(change instanceof Change.Purged)) {
            assertThat(Change.parse(change.bytes())).isEqualTo(change);
        }
        if (change instanceof Change.Purged purged && purged.purge().staleFrom() == null) {
            assertRoundTrip(new PurgeCodec.Stamped(purged.purge(), purged.stamp()));
        }
        int length = input.length == 0 ? 0 : Math.min(input[0] & 0xff, input.length - 1);
        byte[] field = Arrays.copyOfRange(input, Math.min(1, input.length), Math.min(1, input.length) + length);
        byte[] value = Arrays.copyOfRange(input, Math.min(1, input.length) + length, input.length);
        PurgeCodec.Stamped stamped = PurgeCodec.parse(field, value);
        if (stamped != null) {
            assertRoundTrip(stamped);
        }
        assertThat(Stamps.Last.parse(value).cleared()).isNotNegative();
    }

    private static void assertRoundTrip(PurgeCodec.Stamped stamped) {
        String value = stamped.stamp() + " " + PurgeCodec.value(stamped.purge());
        assertThat(PurgeCodec.parse(PurgeCodec.field(stamped.purge()), value.getBytes(StandardCharsets.ISO_8859_1)))
                .isEqualTo(stamped);
    }
}
