package io.cachingproxy.policy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.cachingproxy.http.CacheControl;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.fields.CacheGroups;
import io.cachingproxy.http.fields.SearchVariance;
import java.time.Duration;
import java.util.List;

/** Whatever stands in structured fields: CDN-Cache-Control, Cache-Groups, No-Vary-Search. */
class StructuredFieldsFuzzTest {
    @FuzzTest(maxDuration = "25s")
    void any_field_is_read_or_as_if_it_were_not_there(byte[] field) {
        String text = new String(field, ISO_8859_1);
        int end = text.indexOf('\n');
        String value = end < 0 ? text : text.substring(0, end);
        String query = end < 0 ? text : text.substring(end + 1);
        Headers headers = Headers.of(
                "CDN-Cache-Control", value,
                "Cache-Groups", value,
                "Cache-Group-Invalidation", value,
                "No-Vary-Search", value);
        CacheControl control = TargetedControl.of(headers, List.of("CDN-Cache-Control"));
        if (control != null) {
            Duration age = control.maxAge();
            assertThat(age == null || !age.isNegative()).isTrue();
        }
        assertThat(CacheGroups.of(headers)).hasSizeLessThanOrEqualTo(128).isEqualTo(CacheGroups.invalidated(headers));
        SearchVariance variance = SearchVariance.of(headers);
        if (variance != null) {
            String normalised = variance.normalised(query);
            assertThat(normalised).isEqualTo(variance.normalised(query));
            assertThat(variance.normalised(query + "&")).isEqualTo(normalised);
        }
    }
}
