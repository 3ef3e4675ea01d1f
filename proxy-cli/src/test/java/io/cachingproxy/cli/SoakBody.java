package io.cachingproxy.cli;

import java.util.Arrays;

/** What the origin has under a path in a version: bytes that nothing else has, so that each wrong one shows. */
final class SoakBody {
    private SoakBody() {}

    static byte[] of(String path, long version) {
        byte[] body = new byte[length(path)];
        long state = path.hashCode() * 0x9E3779B97F4A7C15L + version * 0xC2B2AE3D27D4EB4FL;
        for (int i = 0; i < body.length; i += 8) {
            state = (state ^ state >>> 29) * 0xBF58476D1CE4E5B9L + 1;
            for (int j = i; j < Math.min(i + 8, body.length); j++) {
                body[j] = (byte) (state >>> 8 * (j - i));
            }
        }
        return body;
    }

    /** 512 KiB under /big, 8 KiB under /cold, else up to 32 KiB. */
    private static int length(String path) {
        if (path.startsWith("/big")) {
            return 512 * 1024;
        }
        return path.startsWith("/cold") ? 8 * 1024 : 1 + Math.floorMod(path.hashCode() * 7919, 32 * 1024);
    }

    /** Whether {@code bytes} are those from {@code from} on. */
    static boolean matches(String path, long version, int from, byte[] bytes, boolean whole) {
        byte[] body = of(path, version);
        return whole
                ? Arrays.equals(body, bytes)
                : Arrays.equals(body, from, Math.min(body.length, from + bytes.length), bytes, 0, bytes.length);
    }
}
