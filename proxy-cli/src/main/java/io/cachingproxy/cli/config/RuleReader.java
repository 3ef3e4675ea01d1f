package io.cachingproxy.cli.config;

import io.cachingproxy.cli.config.Configuration.RuleEntry;
import io.cachingproxy.coding.ContentCoding;
import io.cachingproxy.jetty.JettyCodings;
import io.cachingproxy.policy.Ignored;
import io.cachingproxy.rules.Match;
import io.cachingproxy.rules.Rule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads lists of rules. */
final class RuleReader {
    private final Problems problems;
    private final Set<String> origins;
    private final MatchReader matches;
    private final Set<String> wrong = new HashSet<>();

    /**
     * A reader of rules.
     *
     * @param origins the names of all origins
     */
    RuleReader(Problems problems, Set<String> origins) {
        this.problems = problems;
        this.origins = origins;
        this.matches = new MatchReader(problems);
    }

    /**
     * Reads a list of rules.
     *
     * @param unnamed the prefix of the generated names of unnamed rules, before the number
     */
    List<RuleEntry> read(@Nullable Value list, String unnamed) {
        List<RuleEntry> rules = new ArrayList<>();
        List<Value> items = ConfigurationReader.items(list, problems);
        for (int i = 0; i < items.size(); i++) {
            Value item = items.get(i);
            String otherwise = unnamed + (i + 1);
            RuleEntry rule = problems.attempt(item, () -> rule(item, otherwise));
            if (rule != null) {
                rules.add(rule);
            }
        }
        return rules;
    }

    /** Whether a rule has errors, so that a missing key may be a consequence and is not reported. */
    boolean isWrong(RuleEntry entry) {
        return wrong.contains(entry.path());
    }

    private @Nullable RuleEntry rule(Value item, String otherwise) {
        int errors = problems.count();
        Map<String, Value> keys = item.section(Keys.RULE);
        Value name = keys.get("name");
        Rule[] rule = {name == null ? Rule.rule(otherwise) : name.parsed(Rule::rule)};
        Value match = keys.get("match");
        Match read = match == null ? null : problems.attempt(match, () -> matches.read(match));
        rule[0] = read == null ? rule[0] : rule[0].match(read);
        keys.forEach((key, value) -> {
            if (!key.equals("name") && !key.equals("match")) {
                Rule more = problems.attempt(value, () -> with(rule[0], key, value));
                rule[0] = more == null ? rule[0] : more;
            }
        });
        if (errors < problems.count()) {
            wrong.add(item.path());
        }
        Value policy = keys.get("policy");
        Value origin = keys.get("origin");
        return new RuleEntry(
                item.place(),
                item.path(),
                rule[0],
                Optional.ofNullable(
                        policy == null ? null : problems.attempt(policy, () -> policy.parsed(PolicyName::parse))),
                Optional.ofNullable(origin == null ? null : problems.attempt(origin, origin::text)));
    }

    private Rule with(Rule rule, String key, Value value) {
        return switch (key) {
            case "bypass" -> rule.bypass(value.bool());
            case "store" -> rule.store(value.bool());
            case "ttl" -> rule.ttl(value.parsed(Durations::parse));
            case "default-ttl" -> rule.defaultTtl(value.parsed(Durations::parse));
            case "min-ttl" -> rule.minTtl(value.parsed(Durations::parse));
            case "max-ttl" -> rule.maxTtl(value.parsed(Durations::parse));
            case "browser-ttl" -> rule.browserTtl(value.parsed(Durations::parse));
            case "stale-while-revalidate" -> rule.staleWhileRevalidate(value.parsed(Durations::parse));
            case "stale-if-error" -> rule.staleIfError(value.parsed(Durations::parse));
            case "ignore" ->
                rule.ignore(value.oneOrMore().stream()
                        .map(each -> each.parsed(RuleReader::ignored))
                        .toArray(Ignored[]::new));
            case "key" -> key(rule, value);
            case "tags" -> {
                value.oneOrMore().forEach(each -> each.parsed(rule::tags));
                yield rule.tags(array(value));
            }
            case "request-headers" -> headers(rule, value, true);
            case "response-headers" -> headers(rule, value, false);
            case "origin" -> rule.origin(origin(value));
            case "rewrite" -> rewrite(rule, value);
            case "redirect" -> redirect(rule, value);
            case "respond" -> respond(rule, value);
            case "coalesce" -> rule.coalesce(value.bool());
            case "compress" ->
                rule.compress(value.oneOrMore().stream()
                        .map(each -> each.parsed(RuleReader::coding))
                        .toArray(ContentCoding[]::new));
            case "max-object-size" ->
                rule.maxObjectBytes(value.parsed(ByteSize::parse).bytes());
            case "policy" -> rule.policy(Policies.DEFAULT.named().apply(value.parsed(PolicyName::parse)));
            default -> throw new IllegalStateException(key);
        };
    }

    private static String[] array(Value value) {
        return value.texts().toArray(String[]::new);
    }

    private static ContentCoding coding(String text) {
        if (!JettyCodings.NAMES.contains(text)) {
            throw unknown("'" + text + "' is not a content coding", text, JettyCodings.NAMES);
        }
        try {
            return JettyCodings.named(text);
        } catch (IllegalStateException unavailable) {
            throw new IllegalArgumentException(unavailable.getMessage(), unavailable);
        }
    }

    private static Ignored ignored(String text) {
        for (Ignored known : Ignored.values()) {
            if (known.token().equals(text)) {
                return known;
            }
        }
        List<String> tokens =
                Arrays.stream(Ignored.values()).map(Ignored::token).toList();
        throw unknown("'" + text + "' cannot be ignored", text, tokens);
    }

    private static IllegalArgumentException unknown(String complaint, String text, List<String> known) {
        String question = Suggestion.question(text, known);
        return new IllegalArgumentException(
                complaint + (question.isEmpty() ? ": write " + String.join(", ", known) : question));
    }

    /** Reads the name of an origin of the file. */
    String origin(Value value) {
        return value.parsed(text -> {
            if (!origins.contains(text)) {
                String question = Suggestion.question(text, origins);
                throw new IllegalArgumentException("origin \"" + text + "\" is not defined"
                        + (question.isEmpty() ? ": write it under origins" : question));
            }
            return text;
        });
    }

    private static Rule key(Rule before, Value value) {
        Rule rule = before;
        for (Map.Entry<String, Value> part : value.section(Keys.KEY).entrySet()) {
            Value of = part.getValue();
            rule = switch (part.getKey()) {
                case "query" -> query(rule, of);
                case "headers" -> rule.keyHeaders(array(of));
                case "cookies" -> rule.keyCookies(array(of));
                case "host" -> rule.keyHost(of.bool());
                default -> rule.keyScheme(of.bool());
            };
        }
        return rule;
    }

    private static Rule query(Rule before, Value value) {
        Map<String, Value> query = value.section(Keys.KEY_QUERY);
        Value keep = query.get("keep");
        Value drop = query.get("drop");
        Value sort = query.get("sort");
        if (keep != null && drop != null) {
            throw drop.wrong("excludes keep: remove one of them");
        }
        Rule rule = keep == null ? before : before.keyKeepsQuery(array(keep));
        rule = drop == null ? rule : rule.keyDropsQuery(array(drop));
        return sort != null && sort.bool() ? rule.keySortsQuery() : rule;
    }

    private static Rule headers(Rule before, Value value, boolean request) {
        Rule rule = before;
        Map<String, Value> changes = value.section(Keys.HEADERS);
        for (Map.Entry<String, Value> set : named(changes.get("set")).entrySet()) {
            String field = set.getKey();
            rule = apply(
                    rule,
                    set.getValue(),
                    (it, text) -> request ? it.setRequestHeader(field, text) : it.setResponseHeader(field, text));
        }
        for (Map.Entry<String, Value> add : named(changes.get("add")).entrySet()) {
            String field = add.getKey();
            for (Value each : add.getValue().oneOrMore()) {
                rule = apply(
                        rule,
                        each,
                        (it, text) -> request ? it.addRequestHeader(field, text) : it.addResponseHeader(field, text));
            }
        }
        Value remove = changes.get("remove");
        for (Value each : remove == null ? List.<Value>of() : remove.oneOrMore()) {
            rule = apply(
                    rule, each, (it, text) -> request ? it.removeRequestHeader(text) : it.removeResponseHeader(text));
        }
        return rule;
    }

    private static Map<String, Value> named(@Nullable Value value) {
        return value == null ? Map.of() : value.named();
    }

    private interface Change {
        Rule apply(Rule rule, String text);
    }

    private static Rule apply(Rule rule, Value value, Change change) {
        return value.parsed(text -> change.apply(rule, text));
    }

    private static Rule rewrite(Rule rule, Value value) {
        Map<String, Value> keys = value.section(Keys.REWRITE);
        Value strip = keys.get("strip-prefix");
        Value add = keys.get("add-prefix");
        Rule stripping = strip == null ? rule : strip.parsed(text -> rule.rewrite(text, ""));
        Rule adding = add == null ? stripping : add.parsed(text -> rule.rewrite("", text));
        return strip == null || add == null ? adding : rule.rewrite(strip.text(), add.text());
    }

    private static Rule redirect(Rule rule, Value value) {
        Map<String, Value> keys = value.section(Keys.REDIRECT);
        Value to = keys.get("to");
        Value status = keys.get("status");
        if (to == null) {
            throw value.wrong("has no to: write to: https://example.org{uri}");
        }
        to.parsed(text -> rule.redirect(text, 302));
        return rule.redirect(to.text(), status == null ? 302 : status.number());
    }

    private static Rule respond(Rule rule, Value value) {
        Map<String, Value> keys = value.section(Keys.RESPOND);
        Value status = keys.get("status");
        Value body = keys.get("body");
        int code = status == null ? 200 : status.number();
        rule.respond(code, "");
        return body == null || body.isNull() ? rule.respond(code, "") : body.parsed(text -> rule.respond(code, text));
    }
}
