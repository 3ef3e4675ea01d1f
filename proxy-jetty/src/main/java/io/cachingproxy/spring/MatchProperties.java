package io.cachingproxy.spring;

import io.cachingproxy.rules.Match;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.Delimiter;

/**
 * The conditions of a rule, all of which must hold; a list holds if one of its elements does. In the maps, the value is a
 * glob, and an empty one stands for a name that is absent.
 *
 * @param host hosts, such as {@code *.example.com}
 * @param path globs of paths, such as {@code /products/**}
 * @param pathRegex regular expressions (RE2) that are found in the path
 * @param method methods
 * @param scheme http or https
 * @param query query parameters
 * @param header request headers
 * @param cookie cookies
 * @param client addresses of clients, such as {@code 10.0.0.0/8}
 * @param status statuses of the response, such as {@code 404}, {@code 5xx}, {@code 200-299}
 * @param contentType media types of the response
 * @param responseHeader response headers
 * @param not a match that must not hold
 * @param any matches of which one must hold
 */
public record MatchProperties(
        @Delimiter(Delimiter.NONE) @DefaultValue List<String> host,
        @Delimiter(Delimiter.NONE) @DefaultValue List<String> path,
        @Delimiter(Delimiter.NONE) @DefaultValue List<String> pathRegex,
        @DefaultValue List<String> method,
        @Nullable String scheme,
        @DefaultValue Map<String, String> query,
        @DefaultValue Map<String, String> header,
        @DefaultValue Map<String, String> cookie,
        @DefaultValue List<String> client,
        @DefaultValue List<String> status,
        @DefaultValue List<String> contentType,
        @DefaultValue Map<String, String> responseHeader,
        @Nullable Not not,
        @DefaultValue List<MatchProperties> any) {
    /**
     * A match that must not hold: a type of its own, because Spring Boot does not bind a property to the type that has it.
     *
     * @param host as in {@link MatchProperties}, as are all others
     */
    public record Not(
            @Delimiter(Delimiter.NONE) @DefaultValue List<String> host,
            @Delimiter(Delimiter.NONE) @DefaultValue List<String> path,
            @Delimiter(Delimiter.NONE) @DefaultValue List<String> pathRegex,
            @DefaultValue List<String> method,
            @Nullable String scheme,
            @DefaultValue Map<String, String> query,
            @DefaultValue Map<String, String> header,
            @DefaultValue Map<String, String> cookie,
            @DefaultValue List<String> client,
            @DefaultValue List<String> status,
            @DefaultValue List<String> contentType,
            @DefaultValue Map<String, String> responseHeader,
            @DefaultValue List<MatchProperties> any) {
        Match match() {
            return new MatchProperties(
                            host,
                            path,
                            pathRegex,
                            method,
                            scheme,
                            query,
                            header,
                            cookie,
                            client,
                            status,
                            contentType,
                            responseHeader,
                            null,
                            any)
                    .match();
        }
    }

    /** Adds a condition on a named value. */
    private interface OfNamed {
        Match apply(Match match, String name, @Nullable String glob);
    }

    /**
     * The match.
     *
     * @throws IllegalArgumentException if a condition is malformed
     */
    Match match() {
        Match match = Match.ALL;
        match = values(match, host, Match::host);
        match = values(match, path, Match::path);
        match = values(match, pathRegex, Match::pathRegex);
        match = values(match, method, Match::method);
        match = scheme == null ? match : match.scheme(scheme);
        match = named(match, query, Match::query);
        match = named(match, header, Match::header);
        match = named(match, cookie, Match::cookie);
        match = values(match, client, Match::client);
        match = values(match, status, Match::status);
        match = values(match, contentType, Match::contentType);
        match = named(match, responseHeader, Match::responseHeader);
        match = not == null ? match : match.not(not.match());
        return any.isEmpty()
                ? match
                : match.any(any.stream().map(MatchProperties::match).toList());
    }

    private static Match values(Match match, List<String> values, BiFunction<Match, List<String>, Match> condition) {
        return values.isEmpty() ? match : condition.apply(match, values);
    }

    private static Match named(Match match, Map<String, String> values, OfNamed condition) {
        Match all = match;
        for (Map.Entry<String, String> value : values.entrySet()) {
            all = condition.apply(all, value.getKey(), value.getValue().isEmpty() ? null : value.getValue());
        }
        return all;
    }
}
