package io.cachingproxy.cli.config;

import io.cachingproxy.rules.Match;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code match}. */
final class MatchReader {
    private final Problems problems;

    /** Adds a condition on several values. */
    private interface OfValues {
        Match apply(Match match, List<String> values);
    }

    /** Adds a condition on a named value. */
    private interface OfNamed {
        Match apply(Match match, String name, @Nullable String glob);
    }

    MatchReader(Problems problems) {
        this.problems = problems;
    }

    /** The match, without invalid conditions. */
    Match read(Value value) {
        Match[] match = {Match.ALL};
        value.section(Keys.MATCH).forEach((key, condition) -> {
            Match more = problems.attempt(condition, () -> with(match[0], key, condition));
            match[0] = more == null ? match[0] : more;
        });
        return match[0];
    }

    private Match with(Match match, String key, Value value) {
        return switch (key) {
            case "host" -> values(match, value, Match::host);
            case "path" -> values(match, value, MatchReader::path);
            case "path-regex" -> values(match, value, Match::pathRegex);
            case "method" -> values(match, value, Match::method);
            case "client" -> values(match, value, Match::client);
            case "status" -> values(match, value, Match::status);
            case "content-type" -> values(match, value, Match::contentType);
            case "scheme" -> match.scheme(value.text());
            case "query" -> named(match, value, Match::query);
            case "header" -> named(match, value, Match::header);
            case "cookie" -> named(match, value, Match::cookie);
            case "response-header" -> named(match, value, Match::responseHeader);
            case "not" -> not(match, value);
            case "any" -> match.any(value.items().stream().map(this::read).toList());
            default -> throw new IllegalStateException(key);
        };
    }

    /** Refuses a question mark, which is a wildcard in a glob but probably meant as the start of a query. */
    private static Match path(Match match, List<String> globs) {
        for (String glob : globs) {
            if (glob.indexOf('?') >= 0) {
                throw new IllegalArgumentException("path \"" + glob
                        + "\" has a ?, but a path has no query: write the condition query, or %3F for the character");
            }
        }
        return match.path(globs);
    }

    private Match not(Match match, Value value) {
        int errors = problems.count();
        Match other = read(value);
        return errors == problems.count() ? match.not(other) : match;
    }

    /** Reads each value separately if one is wrong, so that an error has the position of the value. */
    private Match values(Match match, Value value, OfValues condition) {
        if (!value.isList()) {
            return condition.apply(match, List.of(value.text()));
        }
        try {
            return condition.apply(match, value.texts());
        } catch (Problems.Wrong | IllegalArgumentException wrong) {
            return separately(match, value, condition);
        }
    }

    private Match separately(Match match, Value value, OfValues condition) {
        List<String> right = new ArrayList<>();
        for (Value each : value.items()) {
            String text = problems.attempt(each, () -> {
                condition.apply(Match.ALL, List.of(each.text()));
                return each.text();
            });
            if (text != null) {
                right.add(text);
            }
        }
        boolean wrong = right.size() < value.items().size();
        return wrong ? match : condition.apply(match, right);
    }

    private Match named(Match match, Value value, OfNamed condition) {
        Match[] all = {match};
        Map<String, Value> named = value.named();
        if (named.isEmpty()) {
            throw value.wrong("is empty: write a name and a glob");
        }
        named.forEach((name, glob) -> {
            Match more =
                    problems.attempt(glob, () -> condition.apply(all[0], name, glob.isNull() ? null : glob.text()));
            all[0] = more == null ? all[0] : more;
        });
        return all[0];
    }
}
