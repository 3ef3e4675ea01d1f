package io.cachingproxy.store.redis.entries;

import static io.cachingproxy.store.Responses.key;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.bytes.ByteWriter;
import io.cachingproxy.store.redis.bodies.SharedBody;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Whatever stands in Redis under a key of ours. */
class EntryCodecFuzzTest {
    private static final String ID = "0123456789abcdef0123456789abcdef";
    private static final CacheKey KEY = key("/");
    private static final byte[] BEGINNING = new ByteWriter()
            .number4('C' << 24 | 'P' << 16 | 'E' << 8 | 2)
            .number4(0)
            .text(ID)
            .number8(1)
            .text(KEY.text())
            .bytes();

    /** The input is all of the bytes, and then what stands after a right beginning and before a right checksum. */
    @FuzzTest(maxDuration = "25s")
    void bytes_are_a_response_or_nothing(byte[] input) {
        assertSound(input);
        ByteWriter out = new ByteWriter().raw(ByteBuffer.wrap(BEGINNING)).raw(ByteBuffer.wrap(input));
        out.number4At(4, out.length() + 4);
        byte[] sealed = out.number4(out.checksum()).bytes();
        if (assertSound(sealed)) {
            assertNoDamageIsBelieved(sealed, input.length);
        }
    }

    private static @Nullable StoredResponse decode(byte[] bytes) {
        return EntryCodec.decode(
                KEY, ID, ByteBuffer.wrap(bytes), 0, (from, to, begun) -> CompletableFuture.failedFuture(new Error()));
    }

    private static boolean assertSound(byte[] bytes) {
        StoredResponse response = decode(bytes);
        if (response == null) {
            return false;
        }
        StoredResponse again = decode(EntryCodec.encode(KEY, response, (SharedBody) response.body()));
        assertThat(again.head()).isEqualTo(response.head());
        assertThat(again.selection()).isEqualTo(response.selection());
        assertThat(again.freshness()).isEqualTo(response.freshness());
        assertThat(again.body().length()).isEqualTo(response.body().length());
        assertThat(again.head().headers().toString()).doesNotContain("\r", "\n", "\0");
        return true;
    }

    private static void assertNoDamageIsBelieved(byte[] sound, int seed) {
        byte[] damaged = sound.clone();
        damaged[Math.floorMod(seed * 31, sound.length)] ^= (byte) (1 + Math.floorMod(seed, 255));
        assertThat(decode(damaged)).isNull();
    }
}
