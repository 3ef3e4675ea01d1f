package io.cachingproxy.attack;

import static io.cachingproxy.rules.Rule.rule;
import static io.cachingproxy.rules.Site.site;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.HttpCache;
import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.policy.Ignored;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.rules.Rules;
import io.cachingproxy.rules.Site;
import io.cachingproxy.rules.Sites;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Rules and sites in the proxy, over sockets. */
class RulesTest {
    private static String to(String host, String target, String... lines) {
        return get(target, lines).replace("Host: proxy", "Host: " + host);
    }

    private static String get(String target, String... lines) {
        return Attack.get(target, lines);
    }

    private static String response(String fields, String body) {
        return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    @Nested
    class OneOrigin extends Attack {
        private HttpCache cache;

        @Override
        ProxyServer.Builder configured(ProxyServer.Builder builder) {
            Rules rules = Rules.of(
                    rule("tracking").keyDropsQuery("utm_*"),
                    rule("cart").path("/cart/**").bypass(),
                    rule("products")
                            .path("/products/**")
                            .ttl(ofSeconds(60))
                            .browserTtl(ofSeconds(10))
                            .tags("products"),
                    rule("assets").path("/**.{css,js}").ignore(Ignored.COOKIE).ttl(ofSeconds(3600)),
                    rule("negative").status("404").ttl(ofSeconds(30)),
                    rule("local").client("127.0.0.0/8").setResponseHeader("X-Local", "yes"),
                    rule("old").path("/old/**").redirect("https://{host}/new", 301));
            cache = HttpCache.builder().store(store).clock(clock).rules(rules).build();
            return builder.cache(cache)
                    .origin(URI.create(origin.uri() + "/base"))
                    .purgeFrom(AddressRanges.parse("127.0.0.0/8"));
        }

        private Message hit(String request) throws IOException {
            Message message = ask(request);
            assertThat(message.field("X-Cache")).isEqualTo("HIT");
            return message;
        }

        private Message miss(String request) throws IOException {
            Message message = ask(request);
            assertThat(message.field("X-Cache")).isEqualTo("MISS");
            return message;
        }

        @Test
        void paths_of_rules_are_those_of_clients_and_not_of_the_origin() throws IOException {
            origin.on("/base/products/1", response("Cache-Control: no-store\r\n", "a"));
            assertThat(miss(get("/products/1?utm_source=x")).field("Cache-Control"))
                    .isEqualTo("max-age=10");
            assertThat(origin.asked()).containsExactly("GET /base/products/1?utm_source=x");
            Message hit = hit(get("/products/1?utm_medium=y"));
            assertThat(hit.field("X-Local")).isEqualTo("yes");
            assertThat(hit.field("Cache-Status")).endsWith("; hit; ttl=60");
        }

        @Test
        void a_purge_of_a_url_finds_what_rules_keyed_otherwise() throws IOException {
            miss(get("/a?utm_source=x"));
            hit(get("/a"));
            assertThat(ask(request("PURGE", "/a?utm_medium=z")).status()).isEqualTo(204);
            miss(get("/a"));
        }

        @Test
        void the_cart_is_forwarded_each_time() throws IOException {
            miss(get("/cart/1"));
            miss(get("/%63art/1"));
            miss(get("//cart/../cart/1"));
        }

        @Test
        void assets_are_shared_although_everyone_has_a_cookie() throws IOException {
            miss(get("/a.css", "Cookie: session=alice"));
            hit(get("/a.css", "Cookie: session=bob"));
        }

        @Test
        void a_404_is_kept_for_thirty_seconds() throws IOException {
            origin.on("/base/gone", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
            miss(get("/gone"));
            clock.advance(29);
            assertThat(hit(get("/gone")).status()).isEqualTo(404);
            clock.advance(1);
            miss(get("/gone"));
        }

        @Test
        void a_redirect_of_a_rule_needs_no_origin() throws IOException {
            Message message = ask(to("Proxy:8080", "/old/x"));
            assertThat(message.status()).isEqualTo(301);
            assertThat(message.field("Location")).isEqualTo("https://proxy:8080/new");
            assertThat(origin.requests()).isEmpty();
        }

        @Test
        void sites_that_are_replaced_under_load_lose_no_request_and_hold_at_once() throws Exception {
            origin.on("/base/products/1", response("Cache-Control: no-store\r\n", "a"));
            ExecutorService threads = Executors.newFixedThreadPool(4);
            AtomicBoolean over = new AtomicBoolean();
            List<Future<Integer>> clients = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                RawClient client = attacker();
                clients.add(threads.submit(() -> {
                    int answered = 0;
                    for (; !over.get() || answered == 0; answered++) {
                        Message message = client.send(get("/products/1")).response();
                        assertThat(message.status()).isEqualTo(200);
                        assertThat(message.body()).isEqualTo("a");
                    }
                    return answered;
                }));
            }
            Policy policy = Policy.standard(Policy.DEFAULT_TTL);
            for (int i = 0; i < 200; i++) {
                Rules rules = i % 2 == 0 ? Rules.NONE : Rules.of(rule("all").ttl(ofSeconds(1000 + i)));
                cache.sites(Sites.of(Site.everything(policy, rules)));
                Thread.yield();
            }
            over.set(true);
            for (Future<Integer> client : clients) {
                assertThat(client.get()).isPositive();
            }
            threads.shutdown();
            miss(get("/other"));
            assertThat(hit(get("/other")).field("Cache-Status")).endsWith("; hit; ttl=1199");
            cache.sites(Sites.of(Site.everything(policy, Rules.of(rule("all").ttl(ofSeconds(5))))));
            assertThat(hit(get("/other")).field("Cache-Status")).endsWith("; hit; ttl=5");
        }
    }

    @Nested
    class ManySites extends Attack {
        private RecordingOrigin second;

        @Override
        ProxyServer.Builder configured(ProxyServer.Builder builder) {
            try {
                second = new RecordingOrigin();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            HttpCache cache = HttpCache.builder()
                    .store(store)
                    .clock(clock)
                    .sites(Sites.of(
                            site("a", "a.example").origin("shared"),
                            site("b", "b.example", "*.b.example").origin("shared"),
                            site("c", "c.example").origin("second").withClientHost(),
                            site("d", "d.example")
                                    .origin("shared")
                                    .rules(rule("api")
                                            .path("/api/**")
                                            .origin("second")
                                            .rewrite("/api", "/v1"))))
                    .build();
            return builder.cache(cache).origin("shared", origin.uri()).origin("second", second.uri());
        }

        @Test
        void two_hosts_on_one_origin_are_apart() throws IOException {
            ask(to("a.example", "/x"));
            assertThat(ask(to("A.example:80", "/x")).field("X-Cache")).isEqualTo("HIT");
            assertThat(ask(to("b.example", "/x")).field("X-Cache")).isEqualTo("MISS");
            assertThat(ask(to("evil.b.example", "/x")).field("X-Cache")).isEqualTo("HIT");
            assertThat(origin.asked()).containsExactly("GET /x", "GET /x");
            assertThat(origin.last().field("Host")).isEqualTo(origin.uri().getAuthority());
        }

        @Test
        void an_origin_gets_the_host_of_the_client_where_its_site_says_so() throws IOException {
            ask(to("c.example", "/x"));
            assertThat(second.last().field("Host")).isEqualTo("c.example");
        }

        @Test
        void a_rule_chooses_the_origin_and_rewrites_the_path() throws IOException {
            assertThat(ask(to("d.example", "/api/users?a=1")).body()).isEqualTo("GET /v1/users?a=1");
            assertThat(ask(to("d.example", "/other")).body()).isEqualTo("GET /other");
            assertThat(second.asked()).containsExactly("GET /v1/users?a=1");
        }

        @Test
        void a_host_of_no_site_gets_421_and_no_origin_sees_it() throws IOException {
            assertThat(ask(to("evil.example", "/x")).status()).isEqualTo(421);
            assertThat(origin.requests()).isEmpty();
            assertThat(second.requests()).isEmpty();
        }
    }
}
