package io.cachingproxy.origin;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What HTTP/2 streams of the origin may take ahead of their readers follows the heap. */
class OriginHttp2Test {
    @ParameterizedTest
    @CsvSource({
        "64, 1024, 16",
        "128, 1024, 16",
        "256, 1024, 32",
        "1024, 1024, 128",
        "4096, 1024, 256",
        "64, 8, 256",
        "1048576, 1, 256"
    })
    void all_windows_together_take_an_eighth_of_the_heap(long heapMegabytes, int streams, int windowKilobytes) {
        assertThat(OriginHttp2.window(heapMegabytes << 20, streams)).isEqualTo(windowKilobytes << 10);
    }
}
