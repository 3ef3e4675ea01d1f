package io.cachingproxy.cli;

import io.cachingproxy.jetty.Purging;
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
    private static final Set<String> FLAGS = Set.of("all", "soft");

    /** Thrown where it is not clear what is to be purged; the message says why. */
    static final class Unclear extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        Unclear(String message) {
            super(message);
        }
    }

    static PurgeRequest of(Fields query, Purging purging) {
        Map<String, Scope> scopes = new LinkedHashMap<>();
        for (Fields.Field field : query) {
            for (String value : field.getValues()) {
                if (FLAGS.contains(field.getName()) != value.isEmpty()) {
                    throw new Unclear(field.getName() + (value.isEmpty() ? " is empty" : " takes no value"));
                }
                if (!field.getName().equals("soft")) {
                    scopes.put((field.getName() + " " + value).strip(), scope(field.getName(), value, purging));
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
            case "tag" -> new Scope.Tag(value);
            case "group" -> purging.group(value);
            case "all" -> new Scope.All();
            default -> throw new Unclear("there is no " + name + "; name url, prefix, tag, group or all");
        };
    }

    /** The path and query of what a client of the proxy sees, be it a path or a whole URL. */
    private static String seen(String name, String value) {
        String path = value.replaceFirst("^https?://[^/?#]*", "");
        if (!path.startsWith("/") || path.indexOf('#') >= 0) {
            throw new Unclear(name + " is a path, or a URL with one");
        }
        return path;
    }

    /** Done when the store knows of all of it. */
    CompletionStage<Void> purge(Purging purging) {
        return CompletableFuture.allOf(scopes.values().stream()
                .map(scope -> purging.purge(scope, soft).toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new));
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
