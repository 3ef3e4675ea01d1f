package io.cachingproxy.rules;

import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The conditions of a {@link Match} on requests, where they are documented. */
final class Condition {
    private Condition() {}

    /** A condition that depends on method and URL only. */
    interface OfUrl extends RequestTest {
        boolean holds(String method, Target target);

        @Override
        default boolean holds(RequestHead request, @Nullable InetAddress client) {
            return holds(request.method(), request.target());
        }

        @Override
        default Truth ofUrl(String method, Target target) {
            return Truth.of(holds(method, target));
        }
    }

    /** A condition that does not depend on method and URL. */
    interface OfRest extends RequestTest {
        @Override
        default Truth ofUrl(String method, Target target) {
            return Truth.MAYBE;
        }

        @Override
        default int cost() {
            return 20;
        }
    }

    record Method(Set<String> methods) implements OfUrl {
        @Override
        public boolean holds(String method, Target target) {
            return methods.contains(method);
        }

        @Override
        public boolean isOfPath() {
            return true;
        }

        @Override
        public int cost() {
            return 1;
        }
    }

    record Scheme(String scheme) implements OfUrl {
        @Override
        public boolean holds(String method, Target target) {
            return target.scheme().equals(scheme);
        }

        @Override
        public int cost() {
            return 1;
        }
    }

    record Path(PathGlobs globs) implements OfUrl {
        @Override
        public boolean holds(String method, Target target) {
            return globs.match(target);
        }

        @Override
        public List<String> prefixes() {
            return globs.prefixes();
        }

        @Override
        public boolean isOfPath() {
            return true;
        }

        @Override
        public int cost() {
            return 2;
        }
    }

    record Host(HostGlobs globs) implements OfUrl {
        @Override
        public boolean holds(String method, Target target) {
            return globs.match(target);
        }

        @Override
        public int cost() {
            return 3;
        }
    }

    record Query(String name, @Nullable Glob glob) implements OfUrl {
        @Override
        public boolean holds(String method, Target target) {
            return Parameters.inQuery(target.pathAndQuery(), target.pathLength(), name, glob);
        }
    }

    record PathRegex(List<PathPattern> patterns) implements OfUrl {
        @Override
        public boolean holds(String method, Target target) {
            String path = target.normalPath();
            for (int i = 0; i < patterns.size(); i++) {
                if (patterns.get(i).find(path)) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public List<String> prefixes() {
            return patterns.stream().map(PathPattern::prefix).toList();
        }

        @Override
        public boolean isOfPath() {
            return true;
        }

        @Override
        public int cost() {
            return 100;
        }
    }

    record Header(String name, @Nullable Glob glob) implements OfRest {
        @Override
        public boolean holds(RequestHead request, @Nullable InetAddress client) {
            return Parameters.inHeaders(request.headers(), name, glob);
        }
    }

    record Cookie(String name, @Nullable Glob glob) implements OfRest {
        @Override
        public boolean holds(RequestHead request, @Nullable InetAddress client) {
            return Parameters.inCookies(request.headers(), name, glob);
        }
    }

    record Client(AddressRanges ranges) implements OfRest {
        @Override
        public boolean holds(RequestHead request, @Nullable InetAddress client) {
            return client != null && ranges.contains(client);
        }

        @Override
        public int cost() {
            return 4;
        }
    }
}
