package io.cachingproxy.jetty;

import io.cachingproxy.coding.ContentCoding;
import java.util.List;
import java.util.function.Supplier;

/**
 * The content codings {@code br} and {@code zstd} for {@link io.cachingproxy.rules.Rule#compress}, by the compression
 * modules of Jetty. They are optional dependencies with native code, which is loaded with the first call of the method.
 */
public final class JettyCodings {
    /** The names of all codings, with that of the Java platform. */
    public static final List<String> NAMES = List.of("br", "zstd", "gzip");

    private JettyCodings() {}

    /**
     * The coding with that name.
     *
     * @param name one of {@link #NAMES}
     * @throws IllegalArgumentException if there is none
     * @throws IllegalStateException if its library is missing, or its native code does not load on this platform
     */
    public static ContentCoding named(String name) {
        return switch (name) {
            case "br" -> brotli();
            case "zstd" -> zstandard();
            case "gzip" -> ContentCoding.GZIP;
            default ->
                throw new IllegalArgumentException(
                        "'" + name + "' is not a content coding: write " + String.join(", ", NAMES));
        };
    }

    /**
     * The coding {@code br}, Brotli (RFC 7932), at level 5.
     *
     * @throws IllegalStateException if its library is missing, or its native code does not load on this platform
     */
    public static ContentCoding brotli() {
        return loaded("br", "jetty-compression-brotli", JettyCoding::brotli);
    }

    /**
     * The coding {@code zstd}, Zstandard (RFC 8878), at level 3 and with a window of 512 KiB.
     *
     * @throws IllegalStateException if its library is missing, or its native code does not load on this platform
     */
    public static ContentCoding zstandard() {
        return loaded("zstd", "jetty-compression-zstandard", JettyCoding::zstandard);
    }

    /** Links and tries the coding, so that missing code is an error of the configuration and not of a response. */
    static ContentCoding loaded(String token, String artifact, Supplier<ContentCoding> coding) {
        try {
            return coding.get();
        } catch (NoClassDefFoundError missing) {
            throw new IllegalStateException(
                    "the content coding " + token + " needs org.eclipse.jetty.compression:" + artifact + " "
                            + RequiredJetty.VERSION + ", which is missing",
                    missing);
        } catch (LinkageError | RuntimeException broken) {
            throw new IllegalStateException(
                    "the content coding " + token + " is not available on this platform: its native code does not load",
                    broken);
        }
    }
}
