package io.cachingproxy.rules;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.request;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.testkit.Messages;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MatchTest {
    private static final ResponseHead OK = response(200).head();

    private static boolean matches(Match match, RequestHead request) {
        return matches(match, request, null, OK);
    }

    private static boolean matches(Match match, Messages.Request request) {
        return matches(match, request.head());
    }

    private static boolean matches(Match match, ResponseHead response) {
        return matches(match, get().head(), null, response);
    }

    private static boolean matches(Match match, RequestHead request, InetAddress client, ResponseHead response) {
        return match.alternatives().stream()
                .anyMatch(one ->
                        one.request().holds(request, client) && one.response().holds(response));
    }

    private static boolean matchesClient(Match match, String address) throws UnknownHostException {
        return matches(match, get().head(), InetAddress.getByName(address), OK);
    }

    private static boolean matchesAuthority(Match match, String authority) {
        return matches(match, new RequestHead("GET", new Target("http", authority, "/"), get().headers()));
    }

    private static void assertRefused(ThrowingCallable building, String sentence) {
        assertThatThrownBy(building)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(sentence);
    }

    @Test
    void everything_matches_without_conditions() {
        assertThat(matches(Match.ALL, get())).isTrue();
        assertThat(Match.ALL).hasToString("{}");
        assertThat(Match.ALL.dependsOnResponse()).isFalse();
    }

    @Test
    void all_conditions_must_hold() {
        Match match = Match.ALL.path("/a/**").method("GET");
        assertThat(matches(match, get("/a/b"))).isTrue();
        assertThat(matches(match, get("/b"))).isFalse();
        assertThat(matches(match, request("POST").path("/a/b"))).isFalse();
    }

    @Test
    void a_list_is_any_of() {
        assertThat(matches(Match.ALL.path("/a", "/b"), get("/b"))).isTrue();
        assertThat(matches(Match.ALL.method("GET", "HEAD"), request("HEAD"))).isTrue();
        assertThat(matches(Match.ALL.path("/a").path("/b"), get("/b"))).isFalse();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            shop.example.com,   shop.example.com,      true
            shop.example.com,   SHOP.example.com:8080, true
            Shop.Example.com,   shop.example.com.,     true
            shop.example.com,   shop.example.com.:80,  true
            shop.example.com,   a.shop.example.com,    false
            shop.example.com,   xshop.example.com,     false
            shop.example.com,   shop.example.comx,     false
            *.shop.example.com, a.shop.example.com,    true
            *.shop.example.com, a.b.shop.example.com:1,true
            *.shop.example.com, shop.example.com,      false
            *.shop.example.com, .shop.example.com,     false
            *.shop.example.com, xshop.example.com,     false
            *,                  anything:1,            true
            [::1],              [::1]:8080,            true
            [::1],              [::2],                 false
            """)
    void a_host_matches_without_port_and_case(String glob, String authority, boolean matches) {
        assertThat(matchesAuthority(Match.ALL.host(glob), authority)).isEqualTo(matches);
    }

    // unanchored, as in other products
    @Test
    void a_regular_expression_is_found_anywhere_in_the_normal_path() {
        assertThat(matches(Match.ALL.pathRegex("/v[0-9]+/"), get("/api/v12/x"))).isTrue();
        assertThat(matches(Match.ALL.pathRegex("^/v[0-9]+$"), get("/v12?x"))).isTrue();
        assertThat(matches(Match.ALL.pathRegex("^/v[0-9]+$"), get("/v12/x"))).isFalse();
        assertThat(matches(Match.ALL.pathRegex("^/cart"), get("/a/../%63art"))).isTrue();
        assertThat(matches(Match.ALL.pathRegex("secret"), get("/?secret"))).isFalse();
        assertThat(matches(Match.ALL.pathRegex("x", "y"), get("/y"))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"((((a{1000}){1000}){1000}){1000}){1000}", "(a{1000}){1000}", "((a{0,99}){99}){9}"})
    void a_regular_expression_that_would_need_much_memory_is_refused(String expression) {
        assertRefused(
                () -> Match.ALL.pathRegex(expression),
                "path-regex \"" + expression + "\" is too large: write a shorter one, or several");
    }

    @Test
    void methods_and_schemes_are_compared_exactly() {
        assertThat(matches(Match.ALL.method("GET"), request("HEAD"))).isTrue(); // a stored GET answers both
        assertThat(matches(Match.ALL.method("HEAD"), get())).isFalse();
        assertThat(matches(Match.ALL.method("GET"), request("get"))).isFalse();
        assertThat(matches(Match.ALL.scheme("http"), get())).isTrue();
        assertThat(matches(Match.ALL.scheme("https"), get())).isFalse();
    }

    @ParameterizedTest
    @CsvSource(nullValues = "null", textBlock = """
            /?a=1,            a,   1,    true
            /?a=1,            a,   *,    true
            /?a=,             a,   *,    true
            /?a,              a,   *,    true
            /?a&b,            b,   *,    true
            /?b=1,            a,   *,    false
            /,                a,   *,    false
            /?A=1,            a,   *,    false
            /?a=1&a=2,        a,   2,    true
            /?a=12,           a,   1,    false
            /?a=12,           a,   1?,   true
            /?%61=x%20y+z,    a,   x y z,true
            /?a=%zz,          a,   %zz,  true
            /?a=b=c,          a,   b=c,  true
            /?a=/x/y,         a,   /*y,  true
            /?ab=1,           a,   *,    false
            /?x=a,            a,   *,    false
            /?&&a=1,          a,   1,    true
            /?,               a,   null, true
            /?b,              a,   null, true
            /?a,              a,   null, false
            /?b&%61=1,        a,   null, false
            /a=1,             a,   null, true
            """)
    void a_query_parameter_matches_decoded(String path, String name, String glob, boolean matches) {
        assertThat(matches(Match.ALL.query(name, glob), get(path))).isEqualTo(matches);
    }

    @Test
    void a_header_matches_by_a_line_or_by_the_combined_value() {
        Messages.Request twice = get().header("X-Kind", "one").header("x-kind", "two");
        assertThat(matches(Match.ALL.header("X-KIND", "two"), twice)).isTrue();
        assertThat(matches(Match.ALL.header("X-Kind", "one, t?o"), twice)).isTrue();
        assertThat(matches(Match.ALL.header("X-Kind", "Two"), twice)).isFalse();
        assertThat(matches(Match.ALL.header("X-Kind", "*"), twice)).isTrue();
        assertThat(matches(Match.ALL.header("X-Kind", null), twice)).isFalse();
        assertThat(matches(Match.ALL.header("X-Other", "*"), twice)).isFalse();
        assertThat(matches(Match.ALL.header("X-Other", null), twice)).isTrue();
    }

    // RFC 6265 §4.2.1
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "null", quoteCharacter = '~', textBlock = """
            a=1              | a | 1    | true
            b=2; a=1         | a | 1    | true
            b=2;a=1          | a | 1    | true
            b=2;  a = 1 ;c   | a | 1    | true
            a=1; a=2         | a | 2    | true
            A=1              | a | *    | false
            ba=1             | a | *    | false
            ab=1             | a | *    | false
            b=a              | a | *    | false
            a                | a | *    | true
            b; a             | a | *    | true
            a="1"            | a | 1    | true
            a="1"            | a | "1"  | true
            a="              | a | "    | true
            a=b=c            | a | b=c  | true
            a=               | a | *    | true
            a=               | a | null | false
            b=a=1            | a | null | true
            ;;               | a | null | true
            """)
    void a_cookie_matches_whichever_of_its_name_it_is(String field, String name, String glob, boolean matches) {
        assertThat(matches(Match.ALL.cookie(name, glob), get().header("Cookie", field)))
                .isEqualTo(matches);
    }

    @Test
    void cookies_are_sought_in_all_lines() {
        Messages.Request request = get().header("Cookie", "b=1").header("cookie", "a=1");
        assertThat(matches(Match.ALL.cookie("a", "1"), request)).isTrue();
        assertThat(matches(Match.ALL.cookie("a", null), get())).isTrue();
        assertThat(matches(Match.ALL.cookie("a", "*"), get())).isFalse();
    }

    @Test
    void a_client_is_in_a_range_or_unknown() throws UnknownHostException {
        Match match = Match.ALL.client("10.0.0.0/8", "2001:db8::/32");
        assertThat(matchesClient(match, "10.1.2.3")).isTrue();
        assertThat(matchesClient(match, "::ffff:10.1.2.3")).isTrue();
        assertThat(matchesClient(match, "2001:db8::1")).isTrue();
        assertThat(matchesClient(match, "11.1.2.3")).isFalse();
        assertThat(matches(match, get())).isFalse();
        assertThat(matches(Match.ALL.not(match), get())).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "404, 404, true",
        "404, 405, false",
        "5xx, 500, true",
        "5XX, 599, true",
        "5xx, 499, false",
        "5xx, 600, false",
        "200-299, 200, true",
        "200-299, 299, true",
        "200-299, 300, false",
        "404-404, 404, true"
    })
    void a_status_is_one_or_a_class_or_a_range(String spec, int status, boolean matches) {
        assertThat(matches(Match.ALL.status("100", spec), response(status).head()))
                .isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource({
        "text/html, text/html; charset=utf-8, true",
        "Text/HTML, TEXT/html, true",
        "image/*, image/png, true",
        "image/*, text/html, false",
        "application/*+json, application/problem+json ;x, true",
        "*, text/html, true"
    })
    void a_content_type_matches_without_case_and_parameters(String glob, String field, boolean matches) {
        Match match = Match.ALL.contentType("x/y", glob);
        assertThat(matches(match, response(200).header("Content-Type", field).head()))
                .isEqualTo(matches);
        assertThat(matches(match, OK)).isFalse();
    }

    @Test
    void a_header_of_the_response_matches_as_one_of_the_request() {
        ResponseHead marked = response(200).header("X-Private", "yes").head();
        assertThat(matches(Match.ALL.responseHeader("x-private", "y*"), marked)).isTrue();
        assertThat(matches(Match.ALL.responseHeader("x-private", null), marked)).isFalse();
        assertThat(matches(Match.ALL.responseHeader("x-private", null), OK)).isTrue();
    }

    @Test
    void conditions_on_the_request_alone_are_one_alternative() {
        Match match = Match.ALL
                .any(Match.ALL.path("/a").method("GET"), Match.ALL.not(Match.ALL.any(Match.ALL.cookie("a", "*"))))
                .not(Match.ALL.path("/x").header("a", null));
        assertThat(match.alternatives()).hasSize(1);
        assertThat(match.dependsOnResponse()).isFalse();
        assertThat(match.alternatives().get(0).response()).isSameAs(ResponseTest.ALWAYS);
    }

    @Test
    void conditions_on_request_and_response_are_decided_apart() {
        Match match = Match.ALL.path("/a").status("404").contentType("text/*");
        assertThat(match.alternatives()).hasSize(1);
        assertThat(match.dependsOnResponse()).isTrue();
        assertThat(match.alternatives().get(0).request().holds(get("/b").head(), null))
                .isFalse();
    }

    // ¬(r ∧ s) = ¬r ∨ ¬s
    @Test
    void the_opposite_of_a_mixed_match_has_two_alternatives() {
        Match match = Match.ALL.not(Match.ALL.path("/a").status("404"));
        assertThat(match.alternatives()).hasSize(2);
        assertThat(matches(match, get("/a").head(), null, response(404).head())).isFalse();
        assertThat(matches(match, get("/a").head(), null, OK)).isTrue();
        assertThat(matches(match, get("/b").head(), null, response(404).head())).isTrue();
    }

    @Test
    void a_match_of_too_many_alternatives_is_refused() {
        Match one = Match.ALL.any(Match.ALL.path("/a"), Match.ALL.status("404"));
        Match five = one.any(Match.ALL.path("/b"), Match.ALL.status("405"))
                .any(Match.ALL.path("/c"), Match.ALL.status("406"))
                .any(Match.ALL.path("/d"), Match.ALL.status("407"))
                .any(Match.ALL.path("/e"), Match.ALL.status("408"));
        assertThat(five.alternatives()).hasSize(32);
        assertRefused(
                () -> five.any(Match.ALL.path("/f"), Match.ALL.status("409")),
                "the match mixes conditions on request and response in more than 32 ways: write several rules");
    }

    @Test
    void the_text_reads_like_the_file() {
        assertThat(Match.ALL.path("/cart/**", "/checkout/**").method("GET"))
                .hasToString("{path: [/cart/**, /checkout/**], method: GET}");
        assertThat(Match.ALL.path("/**.{css,js}").status("404", "5xx", "200-299"))
                .hasToString("{path: \"/**.{css,js}\", status: [404, 5xx, 200-299]}");
        assertThat(Match.ALL.header("A", "*").path("/x").header("B", null).header("C", "null"))
                .hasToString("{header: {A: \"*\", B: null, C: \"null\"}, path: /x}");
        assertThat(Match.ALL.not(Match.ALL.cookie("a", "x\"y\n")).any(Match.ALL.query("q", ""), Match.ALL))
                .hasToString("{not: {cookie: {a: \"x\\\"y\\u000a\"}}, any: [{query: {q: \"\"}}, {}]}");
    }

    @Test
    void matches_are_equal_if_they_are_written_equally() {
        assertThat(Match.ALL.path("/a", "/b"))
                .isEqualTo(Match.ALL.path(List.of("/a", "/b")))
                .hasSameHashCodeAs(Match.ALL.path("/a", "/b"))
                .isNotEqualTo(Match.ALL.path("/a"));
        assertThat(Match.ALL.path("/a, /b")).isNotEqualTo(Match.ALL.path("/a", "/b"));
    }

    @Test
    void what_is_no_value_or_never_matches_is_refused_in_one_sentence() {
        assertRefused(() -> Match.ALL.status("4x4"), "status \"4x4\" is not a status: write 404, 4xx or 400-499");
        assertRefused(() -> Match.ALL.status("299-200"), "status \"299-200\" never matches: write 200-299");
        assertRefused(
                () -> Match.ALL.path("cart/**"),
                "path \"cart/**\" never matches: a path begins with /; write /cart/**");
        assertRefused(
                () -> Match.ALL.path("*.css"),
                "path \"*.css\" never matches: a path begins with /, and * stays within a segment; write **.css");
        assertRefused(() -> Match.ALL.path("/{a"), "path \"/{a\" opens a brace that is not closed");
        assertRefused(() -> Match.ALL.path("/a}"), "path \"/a}\" closes a brace that is not open");
        assertRefused(() -> Match.ALL.path("/a", ""), "path \"\" never matches: write a value");
        assertRefused(() -> Match.ALL.path(), "path never matches: write one value at least");
        assertRefused(() -> Match.ALL.host(), "host never matches: write one value at least");
        assertRefused(() -> Match.ALL.pathRegex(), "path-regex never matches: write one value at least");
        assertRefused(() -> Match.ALL.method(), "method never matches: write one value at least");
        assertRefused(() -> Match.ALL.client(), "client never matches: write one value at least");
        assertRefused(() -> Match.ALL.status(), "status never matches: write one value at least");
        assertRefused(() -> Match.ALL.contentType(), "content-type never matches: write one value at least");
        assertRefused(() -> Match.ALL.query("", "a"), "query \"\" never matches: write a value");
        assertRefused(() -> Match.ALL.method("get"), "method \"get\" never matches: write GET");
        assertRefused(() -> Match.ALL.method("G T"), "method \"G T\" is not a method: write GET or POST");
        assertRefused(() -> Match.ALL.scheme("ftp"), "scheme \"ftp\" is not a scheme: write http or https");
        assertRefused(
                () -> Match.ALL.client("10.0.0.0/40"),
                "client \"10.0.0.0/40\" is not an address range: write 10.0.0.0/8, 192.0.2.1 or 2001:db8::/32");
        assertRefused(() -> Match.ALL.header("a b", "*"), "header \"a b\" is not the name of a header: write a token");
        assertRefused(() -> Match.ALL.cookie("", "*"), "cookie \"\" is not the name of a cookie: write a token");
        assertRefused(
                () -> Match.ALL.contentType("html"),
                "content-type \"html\" never matches: write a type and a subtype, as text/html or image/*");
        assertRefused(
                () -> Match.ALL.contentType("text/html; charset=utf-8"),
                "content-type \"text/html; charset=utf-8\" never matches: parameters, from ; on, are not compared");
        assertRefused(
                () -> Match.ALL.pathRegex("(a"),
                "path-regex \"(a\" is not a regular expression of RE2: missing closing )");
        assertRefused(() -> Match.ALL.not(Match.ALL), "not: {} never matches: write a condition into it");
        assertRefused(() -> Match.ALL.any(), "any never matches: write one match into it at least");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/a;b",
                "/a/../b",
                "/./a",
                "/a/%2e%2e",
                "{/a,b}",
                "/{a,b}{c",
                "/{0,1,2,3,4,5,6,7,8,9}{0,1,2,3,4,5,6,7,8,9}{0,1}",
                "/**/**/**/**/**/**/**/**/a"
            })
    void a_path_that_never_comes_or_stands_for_too_many_is_refused(String glob) {
        assertThatThrownBy(() -> Match.ALL.path(glob))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("path \"" + glob + "\" ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://a", "a/b", "a:80", "a.*", "*a", "*.", "a..b", "*.*", "*.[::1]", "ä.de", " "})
    void what_is_no_host_is_refused(String glob) {
        assertThatThrownBy(() -> Match.ALL.host(glob))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("host \"" + glob + "\" is not a host: write shop.example.com");
    }

    @Test
    void the_url_says_nothing_of_headers_cookies_and_clients() {
        assertThat(ofUrl(Match.ALL.header("a", null))).isEqualTo(Truth.MAYBE);
        assertThat(ofUrl(Match.ALL.cookie("a", "*"))).isEqualTo(Truth.MAYBE);
        assertThat(ofUrl(Match.ALL.client("::/0"))).isEqualTo(Truth.MAYBE);
        assertThat(ofUrl(Match.ALL.cookie("a", "*").path("/x"))).isEqualTo(Truth.NO);
        assertThat(ofUrl(Match.ALL.any(Match.ALL.cookie("a", "*"), Match.ALL.path("/"))))
                .isEqualTo(Truth.YES);
        assertThat(ofUrl(Match.ALL.not(Match.ALL.cookie("a", "*")))).isEqualTo(Truth.MAYBE);
        assertThat(ofUrl(Match.ALL.not(Match.ALL.path("/")))).isEqualTo(Truth.NO);
        assertThat(ofUrl(Match.ALL)).isEqualTo(Truth.YES);
    }

    private static Truth ofUrl(Match match) {
        return match.alternatives().get(0).request().ofUrl("GET", get().target());
    }

    @Property
    void what_the_url_says_holds_whatever_the_headers(
            @ForAll("matches") Nested nested, @ForAll("requests") RequestHead request) {
        for (Alternative alternative : nested.match.alternatives()) {
            Truth truth = alternative.request().ofUrl(request.method(), request.target());
            if (truth != Truth.MAYBE) {
                assertThat(alternative.request().holds(request, null)).isEqualTo(truth == Truth.YES);
            }
        }
    }

    @Property
    void the_alternatives_say_what_the_match_says(
            @ForAll("matches") Nested nested,
            @ForAll("requests") RequestHead request,
            @ForAll("responses") ResponseHead response) {
        assertThat(matches(nested.match, request, null, response))
                .isEqualTo(nested.meaning.apply(new Message(request, response)));
    }

    private record Message(RequestHead request, ResponseHead response) {}

    /** A match and, written a second time, what it means. */
    private record Nested(Match match, Function<Message, Boolean> meaning) {
        static Nested of(Match match, Function<Message, Boolean> meaning) {
            return new Nested(match, meaning);
        }

        @Override
        public String toString() {
            return match.toString();
        }
    }

    @Provide
    Arbitrary<Nested> matches() {
        return matches(3);
    }

    private static Arbitrary<Nested> matches(int depth) {
        if (depth == 0) {
            return Arbitraries.of(
                    Nested.of(
                            Match.ALL.path("/a"), m -> m.request.target().path().equals("/a")),
                    Nested.of(Match.ALL.method("GET"), m -> m.request.isGet()),
                    Nested.of(
                            Match.ALL.header("X", "1"), m -> m.request.headers().contains("X")),
                    Nested.of(Match.ALL.status("404"), m -> m.response.status() == 404),
                    Nested.of(
                            Match.ALL.responseHeader("Y", "*"),
                            m -> m.response.headers().contains("Y")));
        }
        Arbitrary<Nested> inner = matches(depth - 1);
        return Combinators.combine(Arbitraries.of("inner", "not", "any", "all"), inner, inner)
                .as(MatchTest::combined);
    }

    private static Nested combined(String how, Nested one, Nested other) {
        return switch (how) {
            case "not" -> Nested.of(Match.ALL.not(one.match), m -> !one.meaning.apply(m));
            case "any" ->
                Nested.of(Match.ALL.any(one.match, other.match), m -> one.meaning.apply(m) || other.meaning.apply(m));
            case "all" ->
                Nested.of(
                        Match.ALL.any(one.match).any(other.match), m -> one.meaning.apply(m) && other.meaning.apply(m));
            default -> one;
        };
    }

    @Provide
    Arbitrary<RequestHead> requests() {
        return Combinators.combine(
                        Arbitraries.of("GET", "POST"), Arbitraries.of("/a", "/b"), Arbitraries.of(true, false))
                .as((method, path, marked) -> {
                    Messages.Request request = request(method).path(path);
                    return (marked ? request.header("X", "1") : request).head();
                });
    }

    @Provide
    Arbitrary<ResponseHead> responses() {
        return Combinators.combine(Arbitraries.of(200, 404), Arbitraries.of(true, false))
                .as((status, marked) -> (marked ? response(status).header("Y", "1") : response(status)).head());
    }
}
