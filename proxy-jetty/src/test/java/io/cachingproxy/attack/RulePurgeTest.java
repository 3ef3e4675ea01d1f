package io.cachingproxy.attack;

import static io.cachingproxy.rules.Rule.rule;
import static io.cachingproxy.rules.Site.site;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.Purging;
import io.cachingproxy.http.Target;
import io.cachingproxy.rules.Rule;
import io.cachingproxy.rules.Sites;
import io.cachingproxy.store.Purge;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No purge misses what rules keyed otherwise. */
class RulePurgeTest extends RuledAttack {
    private void purge(Function<Purging, List<Purge.Scope>> scopes) {
        Purging purging = cache.purging();
        purging.purge(scopes.apply(purging), false).toCompletableFuture().join();
    }

    private void assertMiss(String request) throws IOException {
        assertThat(ask(request).field("X-Cache")).isEqualTo("MISS");
    }

    private static Target url(String url) {
        return Target.of(URI.create(url));
    }

    @Test
    void a_prefix_finds_paths_below_whose_keys_have_no_host() throws IOException {
        rules(rule("shared").path("/assets/**").keyHost(false));
        assertMiss(get("/assets/x"));
        purge(purging -> purging.prefix(url("http://proxy/")));
        assertMiss(get("/assets/x"));
    }

    @Test
    void a_prefix_finds_paths_below_whose_keys_have_no_scheme() throws IOException {
        rules(rule("shared").path("/assets/**").keyScheme(false));
        assertMiss(get("/assets/x"));
        purge(purging -> purging.prefix(url("http://proxy/a")));
        assertMiss(get("/assets/x"));
    }

    @Test
    void a_prefix_with_a_query_finds_what_has_another_query_in_its_key() throws IOException {
        rules(rule("tracking").keyDropsQuery("utm_*"), rule("sorted").path("/s").keySortsQuery());
        assertMiss(get("/p?utm_a=1&id=5"));
        assertMiss(get("/s?z=1&a=5"));
        purge(purging -> purging.prefix(url("http://proxy/p?utm_a=1&i")));
        purge(purging -> purging.prefix(url("http://proxy/s?z=1&")));
        assertMiss(get("/p?id=5"));
        assertMiss(get("/s?z=1&a=5"));
    }

    @Test
    void a_tag_of_a_site_finds_keys_without_host() throws IOException {
        rules(rule("shared").path("/assets/**").keyHost(false).tags("assets"));
        assertMiss(get("/assets/x"));
        purge(purging -> purging.tag(cache.sites().list().get(0), "assets"));
        assertMiss(get("/assets/x"));
    }

    @Test
    void all_of_a_site_finds_the_keys_of_hosts_and_ports_of_clients() throws IOException {
        cache.sites(Sites.of(
                site("own", "c.example", "*.c.example").origin("first").withClientHost(),
                site("other", "*").origin("first")));
        assertMiss(to("a.c.example", "/x"));
        assertMiss(to("c.example:8080", "/x"));
        purge(purging -> purging.all(cache.sites().list().get(0)));
        assertMiss(to("a.c.example", "/x"));
        assertMiss(to("c.example:8080", "/x"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void purges_of_a_site_whose_keys_have_the_clients_host_leave_other_sites_alone(boolean all) throws IOException {
        cache.sites(Sites.of(
                site("own", "c.example", "*.c.example")
                        .origin("first")
                        .withClientHost()
                        .rules(rule("tagged").tags("news")),
                site("below", "below.c.example", "*.x.c.example")
                        .origin("first")
                        .withClientHost()
                        .rules(rule("tagged").tags("news")),
                site("other", "*").origin("first").rules(rule("tagged").tags("news"))));
        List<String> own = List.of("c.example", "c.example:8080", "C.example.", "a.c.example");
        List<String> others = List.of("below.c.example", "a.x.c.example:1", "c.example.org");
        for (String host : concat(own, others)) {
            assertMiss(to(host, "/" + host));
        }
        purge(purging -> all
                ? purging.all(cache.sites().list().get(0))
                : purging.tag(cache.sites().list().get(0), "news"));
        for (String host : others) {
            assertThat(ask(to(host, "/" + host)).field("X-Cache")).as(host).isEqualTo("HIT");
        }
        for (String host : own) {
            assertMiss(to(host, "/" + host));
        }
    }

    private static List<String> concat(List<String> some, List<String> more) {
        return Stream.concat(some.stream(), more.stream()).toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 7})
    void a_url_is_found_under_whichever_of_many_rules_changed_its_key(int matching) throws IOException {
        rules(IntStream.range(0, 8)
                .mapToObj(i -> rule("rule " + i).header("X-H" + i, "*").keyDropsQuery("p" + i))
                .toArray(Rule[]::new));
        String target = "/p?p0=a&p3=b&p7=c";
        assertMiss(get(target, "X-H" + matching + ": yes"));
        assertThat(ask(request("PURGE", target)).status()).isEqualTo(204);
        assertMiss(get(target, "X-H" + matching + ": yes"));
    }

    @Test
    void an_invalidated_group_loses_what_has_no_host_in_its_key() throws IOException {
        rules(rule("shared").path("/assets/**").keyHost(false));
        origin.on("/assets/x", RecordingOrigin.ok("x", "Cache-Groups: \"g\""));
        origin.on("/change", "HTTP/1.1 204 No Content\r\nCache-Group-Invalidation: \"g\"\r\n\r\n");
        assertMiss(get("/assets/x"));
        ask(request("POST", "/change", "Content-Length: 0"));
        assertMiss(get("/assets/x"));
    }
}
