package io.cachingproxy.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Target;
import io.cachingproxy.key.ArbitraryKeys;
import io.cachingproxy.key.CacheKey;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class KeyParserTest {
    @Property
    void a_key_is_read_from_its_text(@ForAll(supplier = ArbitraryKeys.class) CacheKey key) {
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
}
