package io.cachingproxy.cli.config;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Configurations from text, with a few options and variables. */
final class Text {
    static final CommandOptions OPTIONS = new CommandOptions() {
        @Override
        public Set<String> names() {
            return Set.of("port", "origin", "policy", "ttl", "memory", "redis");
        }

        @Override
        public void check(String name, String text) {
            if (name.equals("port") && !text.matches("\\d+")) {
                throw new IllegalArgumentException("'" + text + "' is not a port: 0 to 65535");
            }
        }

        @Override
        public boolean hasOrigin() {
            return false;
        }
    };

    private Text() {}

    static Configuration read(String text) throws ConfigurationException {
        return Configuration.parse("c.yaml", text, Map.of("SHOP", "http://10.0.0.1:8080", "EMPTY", "")::get, OPTIONS);
    }

    /** The errors, a line each. */
    static List<String> errors(String text) {
        try {
            read(text);
            return List.of();
        } catch (ConfigurationException e) {
            return e.problems().stream().map(Problem::toString).toList();
        }
    }
}
