package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.jetty.ProxyServer;
import java.io.IOException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the origin is told of who asks, and that nobody gets what was meant for another. */
class ForwardedTest {
    /** Answers with what it was told in a field. */
    abstract static class Told extends Attack {
        void tell(String name, String... lines) {
            origin.on(
                    "/a",
                    (request, connection) ->
                            connection.send(RecordingOrigin.ok(String.join(" | ", request.all(name)), lines)));
        }
    }

    @Nested
    class ByDefault extends Told {
        @Test
        void the_origin_is_told_the_address_and_the_scheme_whatever_the_client_says_of_them() throws IOException {
            ask(get("/a", "X-Forwarded-For: evil", "X-Forwarded-Proto: evil", "Forwarded: for=evil"));
            Message seen = origin.last();
            assertThat(seen.all("X-Forwarded-For")).containsExactly("127.0.0.1");
            assertThat(seen.all("X-Forwarded-Proto")).containsExactly("http");
            assertThat(seen.all("X-Forwarded-Host")).isEmpty();
            assertThat(seen.all("Forwarded")).isEmpty();
            assertThat(victim("/a").field("X-Cache")).isEqualTo("HIT");
            assertThat(victim("/a").field("Vary")).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"X-Forwarded-For", "accept, x-forwarded-for", "Forwarded"})
        void a_response_that_depends_on_the_address_is_nobody_elses(String vary) throws IOException {
            tell("X-Forwarded-For", "Vary: " + vary);
            victim("/a");
            assertThat(victim("/a").field("X-Cache")).isEqualTo("MISS");
            assertThat(origin.requests()).hasSize(2);
        }
    }

    @Nested
    class ToPeersThatAreNotTrusted extends Told {
        @Override
        ProxyServer.Builder configured(ProxyServer.Builder builder) {
            return super.configured(builder).trustedPeers(AddressRanges.parse("10.0.0.0/8, ::1"));
        }

        @ParameterizedTest
        @CsvSource({"X-Forwarded-For,127.0.0.1", "X-Forwarded-Proto,http", "X-Forwarded-Host,", "Forwarded,"})
        void nothing_is_believed_and_nothing_selects(String name, String told) throws IOException {
            tell(name, "Vary: " + (name.endsWith("For") ? "Accept" : name.replace("Forwarded", "X-Forwarded-Proto")));
            String expected = told == null ? "" : told;
            assertThat(ask(get("/a", name + ": evil;host=evil")).body()).isEqualTo(expected);
            Message response = victim("/a");
            assertThat(response.body()).isEqualTo(expected);
            assertThat(response.field("X-Cache")).isEqualTo("HIT");
        }
    }

    @Nested
    class WhereUnderscoresPass extends Told {
        @Override
        ProxyServer.Builder configured(ProxyServer.Builder builder) {
            return super.configured(builder).passUnderscoreHeaders();
        }

        @ParameterizedTest
        @CsvSource({"api_key,1", "X.Tenant,1", "X_Forwarded_Host,", "X-Forwarded_For,", "X.Original.URL,"})
        void names_of_proxies_do_not(String name, String told) throws IOException {
            tell(name);
            assertThat(ask(get("/a", name + ": 1")).body()).isEqualTo(told == null ? "" : told);
        }
    }

    @Nested
    class ToTrustedPeers extends Told {
        @Override
        ProxyServer.Builder configured(ProxyServer.Builder builder) {
            return super.configured(builder).trustedPeers(AddressRanges.parse("127.0.0.0/8"));
        }

        @Test
        void what_they_say_is_passed_on_and_extended() throws IOException {
            ask(get(
                    "/a",
                    "X-Forwarded-For: 1.2.3.4",
                    "X-Forwarded-For: 5.6.7.8",
                    "X-Forwarded-Proto: https",
                    "X-Forwarded-Host: a.org",
                    "X-Forwarded-Port: 8443",
                    "X-Forwarded-Digest: evil",
                    "X-Real-IP: 1.2.3.4",
                    "Proxy-Authorization: Basic c2VjcmV0",
                    "Forwarded: for=1.2.3.4;proto=https;host=a.org"));
            Message seen = origin.last();
            assertThat(seen.all("X-Forwarded-For")).containsExactly("1.2.3.4, 5.6.7.8, 127.0.0.1");
            assertThat(seen.all("X-Forwarded-Proto")).containsExactly("https");
            assertThat(seen.all("X-Forwarded-Host")).containsExactly("a.org");
            assertThat(seen.all("X-Forwarded-Port")).containsExactly("8443");
            assertThat(seen.all("X-Forwarded-Digest")).isEmpty();
            assertThat(seen.all("X-Real-IP")).containsExactly("1.2.3.4");
            assertThat(seen.all("Proxy-Authorization")).isEmpty();
            assertThat(seen.all("Forwarded")).containsExactly("for=1.2.3.4;proto=https;host=a.org, for=127.0.0.1");
            assertThat(seen.field("Host")).isEqualTo(origin.uri().getAuthority());
        }

        @ParameterizedTest
        @CsvSource({
            "X-Forwarded-Proto,https,http,X-Forwarded-Proto",
            "X-Forwarded-Host,a.org,b.org,X-Forwarded-Host",
            "Forwarded,for=1.1.1.1;proto=https,for=1.1.1.1;Proto=http,X-Forwarded-Proto",
            "Forwarded,host=a.org,host=\"b.org\",X-Forwarded-Host",
            "X-Forwarded-Port,80,8443,X-Forwarded-Port",
            "X-Forwarded-User,alice,bob,X-Forwarded-User",
            "X-Original-URL,/a,/b,X-Original-URL",
            "X-HTTP-Method-Override,PUT,DELETE,X-HTTP-Method-Override"
        })
        void scheme_and_host_select_also_where_the_origin_does_not_say_so(
                String name, String one, String other, String seen) throws IOException {
            tell(seen);
            String first = ask(get("/a", name + ": " + one)).body();
            String second = ask(get("/a", name + ": " + other)).body();
            assertThat(first).isNotEqualTo(second);
            victim("/a");
            Message again = ask(get("/a", name + ": " + one));
            assertThat(again.body()).isEqualTo(first);
            assertThat(again.field("X-Cache")).isEqualTo("HIT");
            assertThat(origin.requests()).hasSize(3);
        }

        @ParameterizedTest
        @ValueSource(strings = {"X-Forwarded-Port", "X-Forwarded-Host", "X-Original-URL", "X-Forwarded-Digest"})
        void a_response_without_such_a_field_is_not_for_requests_with_it(String name) throws IOException {
            tell(name);
            victim("/a");
            Message response = ask(get("/a", name + ": 1"));
            assertThat(response.field("X-Cache")).isEqualTo(name.endsWith("Digest") ? "HIT" : "MISS");
        }

        @ParameterizedTest
        @ValueSource(strings = {"X_Forwarded_Host", "X.Forwarded.For", "X_Original_URL", "x_tenant"})
        void what_their_clients_say_in_other_spellings_is_dropped(String name) throws IOException {
            tell(name);
            assertThat(ask(get("/a", name + ": evil")).body()).isEmpty();
            assertThat(victim("/a").field("X-Cache")).isEqualTo("HIT");
        }

        @ParameterizedTest
        @ValueSource(strings = {"X-Real-IP", "CF-Connecting-IP", "Client-IP"})
        void an_address_field_passes_only_with_an_address(String name) throws IOException {
            tell(name);
            assertThat(ask(get("/a", name + ": <script>")).body()).isEmpty();
            assertThat(ask(get("/b", name + ": 2001:db8::1")).status()).isEqualTo(200);
            assertThat(origin.last().field(name)).isEqualTo("2001:db8::1");
        }

        @Test
        void a_response_that_depends_on_an_address_field_is_nobody_elses() throws IOException {
            tell("X-Real-IP", "Vary: X-Real-IP");
            ask(get("/a", "X-Real-IP: 1.2.3.4"));
            assertThat(ask(get("/a", "X-Real-IP: 1.2.3.4")).field("X-Cache")).isEqualTo("MISS");
        }

        @Test
        void a_connection_field_does_not_part_what_selects_from_what_the_origin_is_told() throws IOException {
            tell("X-Forwarded-Host");
            ask(get("/a", "X-Forwarded-Host: a.org", "Connection: X-Forwarded-Host"));
            assertThat(ask(get("/a", "X-Forwarded-Host: a.org")).body()).isEqualTo("a.org");
        }

        @Test
        void different_clients_of_a_trusted_peer_share_what_does_not_depend_on_them() throws IOException {
            ask(get("/a", "X-Forwarded-For: 1.2.3.4"));
            assertThat(ask(get("/a", "X-Forwarded-For: 5.6.7.8")).field("X-Cache"))
                    .isEqualTo("HIT");
        }
    }
}
