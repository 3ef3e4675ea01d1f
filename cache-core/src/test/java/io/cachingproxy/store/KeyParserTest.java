package io.cachingproxy.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Target;
import io.cachingproxy.key.CacheKey;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class KeyParserTest {
    @Property
    void a_key_is_read_from_its_text(@ForAll("keys") CacheKey key) {
        CacheKey read = KeyParser.parse(key.text());
        if (key.parts() == null || !key.parts().contains("\ud800")) { // such a key is not stored in Redis
            assertThat(read).isEqualTo(key);
        } else {
            assertThat(read).isNull();
        }
    }

    @Property
    void a_text_is_that_of_a_key_or_of_none(@ForAll("texts") String text) {
        CacheKey read = KeyParser.parse(text);
        if (read != null) {
            assertThat(read.text()).isEqualTo(text);
        }
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.strings().withChars("GET +a:/?").ofMaxLength(16);
    }

    @Test
    void a_key_without_scheme_and_host_is_read_from_its_text() {
        CacheKey key = new CacheKey("QUERY", new Target("", "@shop", "/a b"), "0123", "cookie a=b");
        assertThat(KeyParser.parse(key.text())).isEqualTo(key);
        assertThat(KeyParser.parse(new CacheKey("GET", new Target("", "", "/a://b"), null, null).text()))
                .isEqualTo(new CacheKey("GET", new Target("", "", "/a://b"), null, null));
    }

    /** Few different characters, and those that separate the parts: so that a wrong split would be found. */
    @Provide
    Arbitrary<CacheKey> keys() {
        Arbitrary<String> authority =
                Arbitraries.strings().withChars("a:1").ofMinLength(1).ofMaxLength(3);
        Arbitrary<String> path = Arbitraries.strings()
                .withChars("/a:?1é\ud800\udc00")
                .ofMaxLength(4)
                .map(rest -> "/" + rest);
        return Combinators.combine(
                        Arbitraries.of("GET", "QUERY", "G"),
                        Arbitraries.of("http", "https"),
                        authority,
                        path,
                        Arbitraries.of("00", "01", "a").injectNull(0.3),
                        Arbitraries.strings()
                                .withChars("+a \n\ud800")
                                .ofMaxLength(3)
                                .injectNull(0.5))
                .as((method, scheme, host, rest, digest, parts) ->
                        new CacheKey(method, new Target(scheme, host, rest), digest, parts));
    }
}
