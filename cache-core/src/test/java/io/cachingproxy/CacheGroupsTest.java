package io.cachingproxy;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.request;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.ManualClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9875. */
class CacheGroupsTest {
    private final Client client =
            new Client(HttpCache.builder().clock(ManualClock.atNoon()).build());

    private void store(String path, String groups) {
        client.send(get(path), response(200).cacheControl("max-age=60").header("Cache-Groups", groups), path)
                .assertMiss(path);
    }

    @Test
    void an_unsafe_request_invalidates_the_groups_that_its_response_names() {
        store("/a", "\"one\", \"two\"");
        store("/b", "\"two\"");
        store("/c", "\"three\"");
        client.send(request("POST"), response(200).header("Cache-Group-Invalidation", "\"two\""), "done");
        assertThat(client.send(get("/a")).isWaiting()).isTrue();
        assertThat(client.send(get("/b")).isWaiting()).isTrue();
        client.send(get("/c")).assertHit("/c");
    }

    @Test
    void a_safe_request_invalidates_no_group() {
        store("/a", "\"one\"");
        client.send(get("/x"), response(200).header("Cache-Group-Invalidation", "\"one\""), "done");
        client.send(get("/a")).assertHit("/a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"one", "\"one", "\"One\"", "(\"one\")", "\"one\";;"})
    void what_is_no_list_of_strings_names_no_group(String malformed) {
        store("/a", "\"one\"");
        client.send(request("POST"), response(200).header("Cache-Group-Invalidation", malformed), "done");
        client.send(get("/a")).assertHit("/a");
    }
}
