package io.cachingproxy.cli;

import io.cachingproxy.cli.config.ByteSize;
import java.util.Optional;

/**
 * The memory of the cache: {@code --memory}, but at most a third of the heap, so that the rest of the process has
 * enough memory.
 *
 * @param bytes the effective size
 * @param warning the warning if the effective size is less than {@code --memory}
 */
record MemorySize(ByteSize bytes, Optional<String> warning) {
    private static final ByteSize DEFAULT = ByteSize.megabytes(256);

    /** The minimum, which holds a few hundred small responses. A smaller value probably lacks its unit. */
    private static final ByteSize LEAST = ByteSize.megabytes(1);

    private static final int HEAP_SHARE = 3;

    /**
     * The effective size.
     *
     * @param given {@code --memory}; empty: the default, which is reduced without a warning
     * @param heap the maximum heap size in bytes
     * @throws IllegalArgumentException if the size is below the minimum; the message is one line without the option's
     *     name
     */
    static MemorySize of(Optional<ByteSize> given, long heap) {
        ByteSize asked = given.orElse(DEFAULT);
        if (asked.bytes() < LEAST.bytes()) {
            throw new IllegalArgumentException(tooSmall(asked, LEAST));
        }
        ByteSize most = new ByteSize(heap / HEAP_SHARE);
        if (asked.bytes() <= most.bytes()) {
            return new MemorySize(asked, Optional.empty());
        }
        return new MemorySize(
                most,
                given.map(size -> size + " is more than a third of the heap of " + new ByteSize(heap) + ": " + most
                        + " are used; for more, start with java -Xmx"));
    }

    /** The error message for a {@code size} below {@code least}, with the unit that was probably meant. */
    static String tooSmall(ByteSize size, ByteSize least) {
        String meant = size.bytes() > 0 && size.bytes() < 1000 ? "; did you mean " + size.bytes() + "MB?" : "";
        return size + " is less than " + least + ", the least that is of use" + meant;
    }
}
