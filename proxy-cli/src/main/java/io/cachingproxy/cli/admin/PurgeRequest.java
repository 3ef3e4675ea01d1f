package io.cachingproxy.cli.admin;

import io.cachingproxy.Purging;
import io.cachingproxy.http.Target;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.Purge.Scope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.util.Fields;

/**
 * A purge request, parsed from a query such as {@code url=/a&url=/b&tag=news&soft}.
 *
 * @param scopes the scopes to purge, by their description for the operator
 */
record PurgeRequest(Map<String, List<Scope>> scopes, boolean soft) {
    private static final String ALL_SITES = "all-sites";
    private static final Pattern URL = Pattern.compile("(https?)://([^/?#]*)");

    private static final Set<String> FLAGS = Set.of("all", "soft", ALL_SITES);

    /** Thrown for an invalid or ambiguous purge request; the message has the reason. */
    static final class Unclear extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        Unclear(String message) {
            super(message);
        }
    }

    static PurgeRequest of(Fields query, Purging purging) {
        Map<String, List<Scope>> scopes = new LinkedHashMap<>();
        boolean allSites = query.get(ALL_SITES) != null;
        for (Fields.Field field : query) {
            for (String value : field.getValues()) {
                if (FLAGS.contains(field.getName()) != value.isEmpty()) {
                    throw new Unclear(field.getName() + (value.isEmpty() ? " is empty" : " takes no value"));
                }
                if (!field.getName().equals("soft") && !field.getName().equals(ALL_SITES)) {
                    List<Scope> own = scope(field.getName(), value, purging);
                    if (own.isEmpty()) {
                        throw new Unclear("no site has the host of " + value + ": write a whole URL");
                    }
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
        return new PurgeRequest(scopes, query.get("soft") != null);
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
        return purging.purge(scopes.values().stream().flatMap(List::stream).toList(), soft);
    }

    /** A line for each scope. */
    @Override
    public String toString() {
        StringBuilder lines = new StringBuilder();
        scopes.keySet()
                .forEach(what -> lines.append(soft ? "Made stale: " : "Purged: ")
                        .append(what)
                        .append('\n'));
        return lines.toString();
    }
}
