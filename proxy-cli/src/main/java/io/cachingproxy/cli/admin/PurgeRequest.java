package io.cachingproxy.cli.admin;

import io.cachingproxy.Purging;
import io.cachingproxy.http.Target;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.Purge.Scope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.util.Fields;

/**
 * A purge request.
 *
 * @param scopes the scopes to purge, by their name and value as in the request, which may contain secrets
 * @param dryRun whether to count only
 */
record PurgeRequest(Map<String, List<Scope>> scopes, boolean soft, boolean dryRun) {
    /** The most scopes of one request: half of what a store remembers. */
    static final int MAX_SCOPES = 5_000;

    private static final String ALL_SITES = "all-sites";
    private static final String NOTHING = "name urls, prefixes, tags, groups or all";

    /** The kinds of scopes, by their names in JSON. */
    private static final Map<String, String> LISTS =
            new TreeMap<>(Map.of("urls", "url", "prefixes", "prefix", "tags", "tag", "groups", "group"));

    private static final Pattern URL = Pattern.compile("(https?)://([^/?#]*)");

    private static final Pattern WITH_URL = Pattern.compile("(?:url|prefix) ");

    private static final Set<String> FLAGS = Set.of("all", "soft", ALL_SITES);

    /** Thrown for an invalid or ambiguous purge request; the message has the reason. */
    static final class Unclear extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        Unclear(String message) {
            super(message);
        }
    }

    PurgeRequest {
        if (scopes.values().stream().mapToInt(List::size).sum() > MAX_SCOPES) {
            throw new Unclear("more than " + MAX_SCOPES + " scopes in one request: name a prefix or a tag");
        }
    }

    /** Parses a query such as {@code url=/a&url=/b&tag=news&soft}. */
    static PurgeRequest of(Fields query, Purging purging, Redaction redaction) {
        Map<String, List<Scope>> scopes = new LinkedHashMap<>();
        boolean allSites = query.get(ALL_SITES) != null;
        for (Fields.Field field : query) {
            for (String value : field.getValues()) {
                if (FLAGS.contains(field.getName()) != value.isEmpty()) {
                    throw new Unclear(field.getName() + (value.isEmpty() ? " is empty" : " takes no value"));
                }
                if (!field.getName().equals("soft") && !field.getName().equals(ALL_SITES)) {
                    List<Scope> own = known(field.getName(), value, purging, redaction);
                    scopes.put(
                            (field.getName() + " " + value).strip(),
                            allSites
                                    ? own.stream().map(PurgeRequest::ofAllSites).toList()
                                    : own);
                }
            }
        }
        if (scopes.isEmpty()) {
            throw new Unclear("name url, prefix, tag, group or all");
        }
        return new PurgeRequest(scopes, query.get("soft") != null, false);
    }

    /**
     * Parses a JSON object such as {@code {"urls":["/a"],"tags":["news"],"soft":true}}.
     *
     * @throws JsonBody.Invalid if it is not such an object
     */
    static PurgeRequest of(String json, Purging purging, Redaction redaction) {
        JsonBody body = JsonBody.parse(json);
        body.allow("urls", "prefixes", "tags", "groups", "all", "soft", "dry-run");
        Named named = new Named(purging, redaction);
        LISTS.forEach((list, name) -> body.texts(list).forEach(value -> named.add(name, value)));
        if (body.flag("all")) {
            named.add("all", "");
        }
        return named.request(NOTHING, body.flag("soft"), body.flag("dry-run"));
    }

    /** The scopes that a request names. */
    static final class Named {
        private final Purging purging;
        private final Redaction redaction;
        private final Map<String, List<Scope>> scopes = new LinkedHashMap<>();

        Named(Purging purging, Redaction redaction) {
            this.purging = purging;
            this.redaction = redaction;
        }

        /** Adds the scopes of {@code url}, {@code prefix}, {@code tag}, {@code group} or {@code all}. */
        void add(String name, String value) {
            if (value.isEmpty() && !name.equals("all")) {
                throw new Unclear("an empty " + name);
            }
            scopes.put((name + " " + value).strip(), known(name, value, purging, redaction));
        }

        /** @param otherwise the error if nothing is named */
        PurgeRequest request(String otherwise, boolean soft, boolean dryRun) {
            if (scopes.isEmpty()) {
                throw new Unclear(otherwise);
            }
            return new PurgeRequest(scopes, soft, dryRun);
        }
    }

    private static List<Scope> known(String name, String value, Purging purging, Redaction redaction) {
        List<Scope> scopes = scope(name, value, purging);
        if (scopes.isEmpty()) {
            throw new Unclear("no site has the host of " + redaction.redacted(value) + ": write a whole URL");
        }
        return scopes;
    }

    private static List<Scope> scope(String name, String value, Purging purging) {
        return switch (name) {
            case "url" -> purging.url(seen(name, value));
            case "prefix" -> purging.prefix(seen(name, value));
            case "tag" -> purging.tag(null, value);
            case "group" -> purging.group(null, value);
            case "all" -> purging.all(null);
            default -> throw new Unclear("there is no " + name + "; name url, prefix, tag, group or all");
        };
    }

    private static Scope ofAllSites(Scope own) {
        if (own instanceof Scope.Tag tag) {
            return new Scope.Tag(tag.tag());
        } else if (own instanceof Scope.Group group) {
            return new Scope.Group(null, group.group());
        } else if (own instanceof Scope.All) {
            return new Scope.All();
        }
        throw new Unclear(ALL_SITES + " is for tag, group and all; a url or prefix is one site's");
    }

    /** The target of a client's request, from a path or a complete URL. */
    private static Target seen(String name, String value) {
        Matcher url = URL.matcher(value);
        String path = url.lookingAt() ? value.substring(url.end()) : value;
        if (!path.startsWith("/") || path.indexOf('#') >= 0) {
            throw new Unclear(name + " is a path, or a URL with one");
        }
        boolean whole = path.length() < value.length();
        return new Target(whole ? url.group(1) : "http", whole ? url.group(2).toLowerCase(Locale.ROOT) : "", path);
    }

    /** Purges all scopes; the stage completes with the confirmation for all of them. */
    CompletionStage<Confirmation> purge(Purging purging) {
        return purging.purge(all(), soft);
    }

    /** The number of responses in the memory of this process that the purge affects; empty if it is unknown. */
    OptionalLong count(Purging purging) {
        return purging.count(all());
    }

    private List<Scope> all() {
        return scopes.values().stream().flatMap(List::stream).toList();
    }

    /** Name and value of each scope, without the secrets in URLs. */
    List<String> shown(Redaction redaction) {
        return scopes.keySet().stream()
                .map(what -> WITH_URL.matcher(what).lookingAt() ? redaction.redacted(what) : what)
                .toList();
    }
}
