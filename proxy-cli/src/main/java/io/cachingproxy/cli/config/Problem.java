package io.cachingproxy.cli.config;

/**
 * An error or a warning about a configuration file; its text is one line: {@code file:line:column: key.path: what is wrong}.
 *
 * @param path of the key, such as {@code sites[0].rules[2].ttl}; empty if it is about no key
 */
public record Problem(String file, Place place, String path, String message) {
    public Problem {
        message = message.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    @Override
    public String toString() {
        return at(file, place) + ": " + (path.isEmpty() ? "" : path + ": ") + message;
    }

    static String at(String file, Place place) {
        return file + ":" + place.line() + ":" + place.column();
    }
}
