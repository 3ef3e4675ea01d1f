package io.cachingproxy.cli;

import io.cachingproxy.jetty.Purging;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.Purge.Scope;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.eclipse.jetty.util.Fields;

/**
 * What a query such as {@code url=/a&url=/b&tag=news&soft} asks to be purged.
 *
 * @param scopes by what was asked for, as it is told to the operator
 */
record PurgeRequest(Map<String, Scope> scopes, boolean soft) {
    private static final String ALL_SITES = "all-sites";
    private static final Set<String> FLAGS = Set.of("all", "soft", ALL_SITES);

    /** Thrown where it is not clear what is to be purged; the message says why. */
    static final class Unclear extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        Unclear(String message) {
            super(message);
        }
    }

    static PurgeRequest of(Fields query, Purging purging) {
        Map<String, Scope> scopes = new LinkedHashMap<>();
        boolean allSites = query.get(ALL_SITES) != null;
        for (Fields.Field field : query) {
            for (String value : field.getValues()) {
                if (FLAGS.contains(field.getName()) != value.isEmpty()) {
                    throw new Unclear(field.getName() + (value.isEmpty() ? " is empty" : " takes no value"));
                }
                if (!field.getName().equals("soft") && !field.getName().equals(ALL_SITES)) {
                    Scope own = scope(field.getName(), value, purging);
                    scopes.put((field.getName() + " " + value).strip(), allSites ? ofAllSites(own) : own);
                }
            }
        }
        if (scopes.isEmpty()) {
            throw new Unclear("name url, prefix, tag, group or all");
        }
        return new PurgeRequest(scopes, query.get("soft") != null);
    }

    private static Scope scope(String name, String value, Purging purging) {
        return switch (name) {
            case "url" -> purging.url(seen(name, value));
            case "prefix" -> purging.prefix(seen(name, value));
            case "tag" -> purging.tag(value);
            case "group" -> purging.group(value);
            case "all" -> purging.all();
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

    /** The path and query of what a client of the proxy sees, be it a path or a whole URL. */
    private static String seen(String name, String value) {
        String path = value.replaceFirst("^https?://[^/?#]*", "");
        if (!path.startsWith("/") || path.indexOf('#') >= 0) {
            throw new Unclear(name + " is a path, or a URL with one");
        }
        return path;
    }

    /** Purges all of it, and says whether all of it was confirmed. */
    CompletionStage<Confirmation> purge(Purging purging) {
        return scopes.values().stream().map(scope -> purging.purge(scope, soft)).toList().stream()
                .reduce(
                        CompletableFuture.completedFuture(Confirmation.CONFIRMED),
                        (one, other) -> one.thenCombine(other, PurgeRequest::both));
    }

    private static Confirmation both(Confirmation one, Confirmation other) {
        return one == Confirmation.CONFIRMED ? other : one;
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
