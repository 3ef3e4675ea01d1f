package io.cachingproxy.rules;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The literal beginning of a regular expression. */
class PathPatternTest {
    private static final List<String> EXPRESSIONS = List.of(
            "^/a",
            "^/ab*",
            "^/ab?c",
            "^/ab+c",
            "^/b{2}",
            "^/a{0}b",
            "^/a{,b",
            "^/a|b",
            "^(/a|/b)",
            "^/\\.b",
            "^\\/a",
            "^/a\\.?b",
            "^/\\w",
            "^/\\Qa.\\E",
            "^/[ab]",
            "^/.a",
            "(?i)^/A",
            "^(?i)/A",
            "^(?m)/a",
            "/a",
            "^",
            "^$",
            "^^/a",
            "^/é",
            "^/a$",
            "^/a\\|b",
            "^\\",
            "^\\pL",
            "^/a]",
            "^/a}",
            "^a*");

    @Property
    void the_prefix_changes_no_match(@ForAll("expressions") String expression, @ForAll("paths") String path) {
        Pattern pattern = compiled(expression);
        if (pattern != null) {
            assertThat(PathPattern.of(pattern).find(path))
                    .isEqualTo(pattern.matcher(path).find());
        }
    }

    private static Pattern compiled(String expression) {
        try {
            return Pattern.compile(expression);
        } catch (com.google.re2j.PatternSyntaxException wrong) {
            return null;
        }
    }

    @Provide
    Arbitrary<String> expressions() {
        Arbitrary<String> any =
                Arbitraries.strings().withChars("/ab.\\*?+{}0,1|()[]^$é").ofMaxLength(7);
        return Arbitraries.oneOf(Arbitraries.of(EXPRESSIONS), any.map(it -> "^/" + it));
    }

    @Provide
    Arbitrary<String> paths() {
        return Arbitraries.strings().withChars("/ab.cAé|{,").ofMaxLength(5).map(rest -> "/" + rest);
    }

    @ParameterizedTest
    @CsvSource({"^/r3/[0-9]+$,/r3/", "^/ab?c,/a", "^/ab+c,/ab", "^/a\\.css$,/a.css", "/a,''", "^/a|b,''", "(?i)^/a,''"})
    void literal_characters_after_the_anchor_are_the_prefix(String expression, String prefix) {
        assertThat(PathPattern.of(Pattern.compile(expression)).prefix()).isEqualTo(prefix);
    }
}
