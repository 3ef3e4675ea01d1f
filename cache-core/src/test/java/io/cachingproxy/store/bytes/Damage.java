package io.cachingproxy.store.bytes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Damage to the bytes of a sealed form, for the tests of all that decode one. */
public final class Damage {
    private Damage() {}

    /** No flipped bit, missing end or further byte is decoded; the sound bytes are. */
    public static void assertNoneIsBelieved(byte[] sound, Function<byte[], @Nullable ?> decode) {
        for (int i = 0; i < sound.length * 8; i++) {
            byte[] damaged = sound.clone();
            damaged[i / 8] ^= (byte) (1 << i % 8);
            assertThat((Object) decode.apply(damaged)).isNull();
        }
        for (int length = 0; length < sound.length; length++) {
            assertThat((Object) decode.apply(Arrays.copyOf(sound, length))).isNull();
        }
        assertThat((Object) decode.apply(Arrays.copyOf(sound, sound.length + 1)))
                .isNull();
        assertThat((Object) decode.apply(sound)).isNotNull();
    }

    /** One changed byte, which {@code seed} chooses, is not decoded. */
    public static void assertOneIsNotBelieved(byte[] sound, int seed, Function<byte[], @Nullable ?> decode) {
        byte[] damaged = sound.clone();
        damaged[Math.floorMod(seed * 31, sound.length)] ^= (byte) (1 + Math.floorMod(seed, 255));
        assertThat((Object) decode.apply(damaged)).isNull();
    }

    /** The bytes with a number changed, under a right checksum. */
    public static byte[] with(byte[] bytes, int at, int number) {
        ByteBuffer changed = ByteBuffer.wrap(bytes.clone()).putInt(at, number);
        CRC32C crc = new CRC32C();
        crc.update(changed.array(), 0, bytes.length - 4);
        return changed.putInt(bytes.length - 4, (int) crc.getValue()).array();
    }

    /** Decodes the bytes with a number changed, under a right checksum: each number at each place in turn. */
    public static <T> void withEachNumber(byte[] sound, Function<byte[], @Nullable T> decode, Consumer<T> decoded) {
        for (int at = 0; at < sound.length - 4; at++) {
            for (int number : new int[] {0, -1, 1, Integer.MAX_VALUE, Integer.MIN_VALUE, sound.length, 0x0d0a0d0a}) {
                T found = decode.apply(with(sound, at, number));
                if (found != null) {
                    decoded.accept(found);
                }
            }
        }
    }
}
