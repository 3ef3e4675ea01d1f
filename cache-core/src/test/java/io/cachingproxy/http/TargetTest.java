package io.cachingproxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TargetTest {
    private static Target target(String pathAndQuery) {
        return new Target("http", "example.org", pathAndQuery);
    }

    // RFC 3986 §6.2.2, §5.2.4
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /                       | /
            /cart/a                 | /cart/a
            /cart/a?x=/../y;z%61    | /cart/a
            /%63art/%61             | /cart/a
            /%63%61%72%74           | /cart
            /%7Eme/%2d              | /~me/-
            /%40me/a%20b            | /@me/a b
            /caf%C3%A9/%E2%82%AC    | /café/€
            /%F0%9F%98%80           | /😀
            /%2541                  | /%2541
            /%a%44                  | /%a%44
            /%%61D                  | /%%61D
            /%%6a%44                | /%jD
            /%%41%44                | /%%41D
            /a%2fb                  | /a%2Fb
            /a%2Fb                  | /a%2Fb
            /a%0a%7f                | /a%0A%7F
            /%c3                    | /%C3
            /%c3%28                 | /%C3(
            /%c0%af                 | /%C0%AF
            /%ed%a0%80              | /%ED%A0%80
            /%f4%90%80%80           | /%F4%90%80%80
            /%e2%82                 | /%E2%82
            /%                      | /%
            /%4                     | /%4
            /%zz                    | /%zz
            /%4zb                   | /%4zb
            //cart                  | /cart
            /a//b///                | /a/b/
            /./cart                 | /cart
            /a/.                    | /a/
            /a/..                   | /
            /a/b/..                 | /a/
            /a/b/../                | /a/
            /a/../cart/x            | /cart/x
            /../../cart             | /cart
            /a/%2e%2e/cart          | /cart
            /a/.%2E/cart            | /cart
            /a/..%2fcart            | /a/..%2Fcart
            /.well-known/x          | /.well-known/x
            /..a/...                | /..a/...
            /cart;v=1/x             | /cart/x
            /cart;v=1;w=2           | /cart
            /cart%3Bv/x             | /cart/x
            /a/..;/cart             | /cart
            /;x/cart                | /cart
            *                       | *
            *;a//b                  | *;a//b
            """)
    void the_normal_path_is_what_origins_read_whatever_the_spelling(String raw, String normal) {
        assertThat(target(raw).normalPath()).isEqualTo(normal);
        assertThat(target(raw).hasNormalPath() ? target(raw).path() : normal).isEqualTo(normal);
    }

    @Test
    void a_plain_path_is_known_to_be_normal() {
        assertThat(target("/cart/a.html?b=%41//").hasNormalPath()).isTrue();
        assertThat(target("/cart/%61").hasNormalPath()).isFalse();
    }

    @Test
    void the_path_ends_where_the_query_begins() {
        assertThat(target("/a/%62?c?d").path()).isEqualTo("/a/%62");
        assertThat(target("/a/%62?c?d").pathLength()).isEqualTo(6);
        assertThat(target("/a?").pathLength()).isEqualTo(2);
        assertThat(target("?a").path()).isEmpty();
        assertThat(target("").normalPath()).isEmpty();
    }

    @Test
    void a_target_prints_without_its_query() {
        assertThat(target("/a?token=secret")).hasToString("http://example.org/a");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /a/b.c                  |
            /caf%C3%A9//b;c         |
            /.well-known/./x        |
            /a%2fb                  | /a/b
            /a%5Cb                  | /a/b
            /a\\b                    | /a/b
            /a%252fb                | /a%2Fb /a/b
            /x/..%2fadmin/x         | /x/../admin/x /admin/x
            /admin//../x            | /admin/x
            /admin/..;/x            | /admin/..%253B/x
            /%2fadmin%5c..%5c/x     | /admin\\..\\/x /x
            """)
    void other_readings_are_those_of_origins_that_separate_segments_in_another_way(String raw, String expected) {
        List<String> others = target(raw + "?q=%2f").otherReadings().stream()
                .map(Target::normalPath)
                .toList();
        List<String> wanted = expected == null ? List.of() : List.of(expected.split(" ", -1));
        assertThat(others)
                .containsAll(
                        wanted.stream().filter(path -> !path.contains("../")).toList());
        assertThat(others.isEmpty()).isEqualTo(wanted.isEmpty());
        assertThat(target(raw + "?q=%2f").otherReadings())
                .allMatch(other -> other.pathAndQuery().endsWith("?q=%2f"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /a/../b                 | false
            /a/..                   | false
            /a..b/...               | false
            /a/b/..%2f..            | false
            /..                     | true
            //../secret/x           | true
            /a//../../secret/x      | true
            /..%2fsecret/x          | true
            /%2e%2e%2fsecret/x      | true
            /%252e%252e/x           | true
            /..;/x                  | true
            /a/..\\..\\x             | true
            /..%5cx                 | true
            /..a/x                  | false
            *                       | false
            """)
    void a_path_climbs_if_any_reading_leads_above_the_root(String raw, boolean climbs) {
        assertThat(target(raw + "?x=/../..").climbs()).isEqualTo(climbs);
    }

    /** That a path is normal means that the long way would not change it, and the normal form is normal. */
    @Property
    void the_normal_path_is_normal(@ForAll("paths") String path) {
        Target target = target(path);
        String normal = target.normalPath();
        assertThat(NormalPath.of(path, target.pathLength())).isEqualTo(normal);
        assertThat(normal.contains("?") ? normal : target(normal).normalPath()).isEqualTo(normal);
    }

    @Provide
    Arbitrary<String> paths() {
        return Arbitraries.of(
                        "/", "/", ".", "..", ";", "a", "%2e", "%2F", "%2f", "%25", "%34", "%44", "%3f", "%C3", "%A9",
                        "%", "4", "?")
                .list()
                .ofMaxSize(12)
                .map(parts -> '/' + String.join("", parts));
    }
}
