package io.cachingproxy.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.cachingproxy.http.syntax.FieldValues;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Whatever stands in Cache-Control, it is read, in bounds, and what restricts does. */
class CacheControlFuzzTest {
    @FuzzTest(maxDuration = "25s")
    void any_field_is_read_and_fails_closed(byte[] field) {
        String text = new String(field, ISO_8859_1);
        CacheControl control = CacheControl.parse(List.of(text.split("\n", -1)));
        for (String directive : List.of("max-age", "s-maxage", "stale-if-error", "max-stale")) {
            Duration seconds = control.seconds(directive);
            assertThat(seconds == null || !seconds.isNegative() && seconds.compareTo(CacheControl.MAX_DELTA) <= 0)
                    .isTrue();
        }
        assertThat(control.fieldsOf("private")).allMatch(FieldValues::isToken);
        assertThat(control.noCache())
                .isEqualTo(
                        control.has("no-cache") && control.fieldsOf("no-cache").isEmpty());
        for (String member : text.toLowerCase(Locale.ROOT).split("[,\n]", -1)) {
            boolean quoted = text.indexOf('"') >= 0;
            assertThat(quoted || !member.strip().equals("no-store") || control.noStore())
                    .isTrue();
            assertThat(quoted || !member.strip().startsWith("private=") || control.isPrivate())
                    .isTrue();
            assertThat(quoted || !member.strip().equals("no-cache") || control.noCache())
                    .isTrue();
            assertThat(quoted || !member.strip().matches("max-age[ \t]*[=:; ].*") || control.maxAge() != null)
                    .isTrue();
        }
        assertThat(CacheControl.ofResponse(Headers.of("Cache-Control", text))).isNotNull();
        assertThat(CacheControl.ofRequest(Headers.of("Pragma", text))).isNotNull();
    }
}
