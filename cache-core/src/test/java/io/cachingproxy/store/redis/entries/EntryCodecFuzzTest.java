package io.cachingproxy.store.redis.entries;

import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.response;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.bytes.ByteWriter;
import io.cachingproxy.store.bytes.Damage;
import io.cachingproxy.store.bytes.Sealed;
import io.cachingproxy.store.redis.bodies.InlineBody;
import io.cachingproxy.store.redis.bodies.SharedBody;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whatever stands in Redis under a key of ours. */
class EntryCodecFuzzTest {
    private static final String ID = "0123456789abcdef0123456789abcdef";
    private static final CacheKey KEY = key("/");
    private static final int MAGIC = 'C' << 24 | 'P' << 16 | 'E' << 8 | 4;
    private static final long STAMP = 1;

    private static byte[] sealed(byte[] input) {
        ByteWriter out = Sealed.writer(MAGIC).text(ID).number8(STAMP).raw(ByteBuffer.wrap(input));
        return Sealed.bytes(out);
    }

    @Test
    void the_beginning_here_is_that_of_an_entry() {
        byte[] entry = EntryCodec.encode(KEY, response(), new InlineBody(ID, STAMP, ByteBuffer.allocate(1), 0));
        byte[] after = new byte[entry.length - 24 - ID.length()];
        ByteBuffer.wrap(entry).get(20 + ID.length(), after);
        assertThat(sealed(after)).isEqualTo(entry);
    }

    /** The input is all of the bytes, and then what stands after a right beginning and before a right checksum. */
    @FuzzTest(maxDuration = "25s")
    void bytes_are_a_response_or_nothing(byte[] input) {
        assertSound(input);
        byte[] sealed = sealed(input);
        if (assertSound(sealed)) {
            Damage.assertOneIsNotBelieved(sealed, input.length, EntryCodecFuzzTest::decode);
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
}
