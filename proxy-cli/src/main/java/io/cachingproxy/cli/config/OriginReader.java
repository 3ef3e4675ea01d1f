package io.cachingproxy.cli.config;

import io.cachingproxy.cli.config.Configuration.Origin;
import java.net.URI;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code origins}. */
final class OriginReader {
    private final Problems problems;
    private final Map<String, Value> values = new LinkedHashMap<>();

    OriginReader(Problems problems) {
        this.problems = problems;
    }

    /** The names of all origins that were read, also of wrong ones. */
    Set<String> names() {
        return Collections.unmodifiableSet(values.keySet());
    }

    /** Warns of origins that are not {@code used}. */
    void warnOfUnused(Set<String> used) {
        values.forEach((name, value) -> {
            if (!used.contains(name)) {
                problems.warning(value.place(), value.path(), "has no effect: no site and no rule names it");
            }
        });
    }

    Map<String, Origin> read(@Nullable Value origins) {
        Map<String, Origin> read = new LinkedHashMap<>();
        Map<String, Value> named = origins == null ? Map.of() : problems.attempt(origins, origins::named);
        if (named == null) {
            return read;
        }
        named.forEach((name, value) -> {
            values.put(name, value);
            Origin origin = problems.attempt(value, () -> origin(name, value));
            if (origin != null) {
                read.put(name, origin);
            }
        });
        return read;
    }

    private @Nullable Origin origin(String name, Value value) {
        Map<String, Value> keys = value.section(Keys.ORIGIN);
        Value servers = keys.get("servers");
        Boolean clientHost =
                keys.containsKey("host") ? problems.attempt(value, () -> clientHost(keys.get("host"))) : Boolean.FALSE;
        if (servers == null) {
            throw value.wrong("has no servers: write servers: [http://10.0.0.1:8080]");
        }
        URI url = url(servers);
        return clientHost == null ? null : new Origin(name, url, clientHost);
    }

    private static Boolean clientHost(@Nullable Value host) {
        if (host == null) {
            return false;
        }
        return switch (host.text()) {
            case "origin" -> false;
            case "client" -> true;
            default ->
                throw host.wrong("a name is not supported yet: write origin, for its own, or client, for the client's");
        };
    }

    private static URI url(Value servers) {
        List<Value> all = servers.oneOrMore();
        if (all.isEmpty()) {
            throw servers.wrong("is empty: write one server, as http://10.0.0.1:8080");
        }
        if (all.size() > 1) {
            throw all.get(1).wrong("several servers are not supported yet: write one");
        }
        Value server = all.get(0);
        if (!server.isMap()) {
            return server.parsed(OriginUrl::parse);
        }
        Value url = server.section(Keys.SERVER).get("url");
        if (url == null) {
            throw server.wrong("has no url: write http://10.0.0.1:8080");
        }
        return url.parsed(OriginUrl::parse);
    }
}
