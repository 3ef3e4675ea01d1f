package io.cachingproxy.store.redis.link;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The atomic steps in Redis. Each is a Lua file of the same name, which documents its effect, arguments and result.
 * Scripts that read the variants of an entry are prefixed with variants.lua, those about the control hash with
 * control.lua.
 */
public enum Script {
    BEGIN,
    WRITE,
    COMMIT("variants.lua"),
    DISCARD,
    FRESHEN("variants.lua"),
    INVALIDATE("variants.lua"),
    DROP("variants.lua"),
    LENGTHS,
    HEADS("variants.lua"),
    STAMP("control.lua"),
    CLEAR("control.lua"),
    PURGE("control.lua"),
    PURGES("control.lua"),
    PULSE("control.lua"),
    ROOM,
    NODES,
    LEASE,
    RENEW,
    RELEASE;

    private final String lua;

    Script() {
        this.lua = load(file());
    }

    Script(String before) {
        this.lua = load(before) + load(file());
    }

    private String file() {
        return name().toLowerCase(Locale.ROOT) + ".lua";
    }

    public String lua() {
        return lua;
    }

    private static String load(String file) {
        try (InputStream in = Script.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is missing beside " + Script.class.getName());
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return text.replaceAll("(?m)^--.*\\n", ""); // without comments: the text is sent with each call
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
