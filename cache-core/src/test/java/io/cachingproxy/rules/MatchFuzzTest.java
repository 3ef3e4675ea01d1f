package io.cachingproxy.rules;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import java.util.List;
import java.util.function.UnaryOperator;

/** Whatever is written is a match or refused with a sentence, and a match decides whatever comes. */
class MatchFuzzTest {
    /** A line each: what is written, and what comes. */
    @FuzzTest(maxDuration = "25s")
    void a_match_is_built_or_refused_and_decides_any_message(byte[] input) {
        String[] lines = new String(input, UTF_8).split("\n", 2);
        String written = lines[0];
        String comes = lines.length < 2 ? "" : lines[1];
        Target target = new Target("http", comes, '/' + comes);
        Headers headers = Headers.of("Cookie", comes, "Content-Type", comes, "X", comes);
        RequestHead request = new RequestHead("GET", target, headers);
        List<UnaryOperator<Match>> conditions = List.of(
                match -> match.path(written),
                match -> match.pathRegex(written),
                match -> match.host(written),
                match -> match.client(written),
                match -> match.method(written),
                match -> match.status(written),
                match -> match.contentType(written),
                match -> match.query(written, written),
                match -> match.header(written, written),
                match -> match.header("X", written),
                match -> match.cookie(written, null),
                match -> match.cookie("a", written));
        for (UnaryOperator<Match> condition : conditions) {
            try {
                Match match = condition.apply(Match.ALL);
                assertThat(match).isEqualTo(condition.apply(Match.ALL));
                for (Alternative alternative : match.alternatives()) {
                    boolean holds = alternative.request().holds(request, null);
                    assertThat(alternative.request().ofUrl("GET", target)).isNotEqualTo(Truth.of(!holds));
                    alternative.response().holds(new ResponseHead(200, headers));
                }
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).contains(" ");
            }
        }
    }
}
