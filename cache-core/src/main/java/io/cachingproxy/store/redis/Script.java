package io.cachingproxy.store.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The atomic steps in Redis; each is a Lua file of that name, which says what it does, takes and returns. Those that read
 * the variants of an entry have variants.lua before them.
 */
enum Script {
    BEGIN,
    WRITE,
    COMMIT(true),
    DISCARD,
    FRESHEN(true),
    INVALIDATE(true),
    DROP(true),
    LENGTHS,
    STAMP,
    CLEAR,
    PURGE,
    LEASE,
    RENEW,
    RELEASE,
    PULSE;

    private final String lua;

    Script() {
        this(false);
    }

    Script(boolean readsVariants) {
        String step = load(name().toLowerCase(Locale.ROOT) + ".lua");
        this.lua = readsVariants ? load("variants.lua") + step : step;
    }

    String lua() {
        return lua;
    }

    private static String load(String file) {
        try (InputStream in = Script.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is missing beside " + Script.class.getName());
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
