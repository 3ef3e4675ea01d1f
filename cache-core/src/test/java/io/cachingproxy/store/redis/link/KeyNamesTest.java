package io.cachingproxy.store.redis.link;

import static io.cachingproxy.testkit.StoredResponses.key;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.key.CacheKey;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyNamesTest {
    private final CacheKey key = key("/a");
    private final KeyNames names = new KeyNames("cp");

    @Test
    void every_name_says_the_version_of_its_form_behind_the_prefix() {
        assertThat(List.of(
                        names.entry(key),
                        names.fills(key),
                        names.bodies(key),
                        names.lease(key, ""),
                        names.lease(key, "0123"),
                        names.control(),
                        names.nodes(),
                        names.changes()))
                .allMatch(name -> name.startsWith("cp:4:"));
    }

    @Test
    void each_database_has_a_channel_of_its_own() {
        assertThat(new KeyNames("cp", 1).changes()).startsWith("cp:4:").isNotEqualTo(names.changes());
    }

    @Test
    void all_keys_of_a_url_are_in_one_slot() {
        String tag = "{" + key.hash() + "}";
        assertThat(List.of(names.entry(key), names.fills(key), names.body(key, "i"), names.lease(key, "")))
                .allMatch(name -> name.contains(tag));
    }
}
