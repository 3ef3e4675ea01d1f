package io.cachingproxy.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.cachingproxy.http.fields.ByteRange;
import io.cachingproxy.http.fields.ContentRange;
import java.util.List;

/** Whatever stands in Range and Content-Range, no byte outside the representation is meant. */
class RangeFuzzTest {
    @FuzzTest(maxDuration = "25s")
    void no_range_is_outside_its_representation(byte[] field) {
        String text = new String(field, ISO_8859_1);
        for (long length : new long[] {0, 1, 1000, Long.MAX_VALUE}) {
            List<ByteRange> ranges = ByteRange.parse(text, length);
            for (ByteRange range : ranges == null ? List.<ByteRange>of() : ranges) {
                assertThat(range.from()).isNotNegative();
                assertThat(range.count()).isBetween(1L, length - range.from());
                if (length == 1000) {
                    ContentRange said = ContentRange.of(Headers.of("Content-Range", range.contentRange(length)));
                    assertThat(said).isEqualTo(new ContentRange(range.from(), range.from() + range.count() - 1, 1000));
                    assertThat(said.contains(range)).isTrue();
                }
            }
        }
        ContentRange part = ContentRange.of(Headers.of("Content-Range", text));
        if (part != null) {
            assertThat(part.from()).isBetween(0L, part.to());
            assertThat(part.to()).isLessThan(part.total());
            assertThat(part.count()).isBetween(1L, part.total());
        }
    }
}
