package io.cachingproxy.store;

import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.response;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.cachingproxy.http.Body;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.bytes.ByteWriter;
import io.cachingproxy.store.bytes.Damage;
import io.cachingproxy.store.bytes.Sealed;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whatever stands where a response should. */
class ResponseCodecFuzzTest {
    private static final CacheKey KEY = key("/");
    private static final int MAGIC = 'C' << 24 | 'P' << 16 | 'R' << 8 | 1;

    private static byte[] sealed(byte[] input) {
        ByteWriter out = Sealed.writer(MAGIC).text(KEY.text()).raw(ByteBuffer.wrap(input));
        return Sealed.bytes(out);
    }

    @Test
    void the_beginning_here_is_that_of_a_response() {
        byte[] response = ResponseCodec.encode(KEY, response());
        byte[] after = new byte[response.length - 16 - KEY.text().length()];
        ByteBuffer.wrap(response).get(12 + KEY.text().length(), after);
        assertThat(sealed(after)).isEqualTo(response);
    }

    /** The input is all of the bytes, and then what stands after a right beginning and before a right checksum. */
    @FuzzTest(maxDuration = "25s")
    void bytes_are_a_response_or_nothing(byte[] input) {
        assertSound(input);
        byte[] sealed = sealed(input);
        if (assertSound(sealed)) {
            Damage.assertOneIsNotBelieved(sealed, input.length, ResponseCodecFuzzTest::decode);
        }
    }

    private static @Nullable StoredResponse decode(byte[] bytes) {
        return ResponseCodec.decode(KEY, ByteBuffer.wrap(bytes), Body.EMPTY);
    }

    private static boolean assertSound(byte[] bytes) {
        StoredResponse response = decode(bytes);
        if (response == null) {
            return false;
        }
        assertThat(decode(ResponseCodec.encode(KEY, response))).isEqualTo(response);
        assertThat(response.head().headers().toString()).doesNotContain("\r", "\n", "\0");
        return true;
    }
}
