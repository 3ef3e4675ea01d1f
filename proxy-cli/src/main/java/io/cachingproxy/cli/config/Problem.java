package io.cachingproxy.cli.config;

import io.cachingproxy.cli.text.Cut;
import java.util.regex.Pattern;

/**
 * An error or a warning about a configuration file. The text is one line: {@code file:line:column: key.path: message}.
 * Quoted values are shortened to 120 characters.
 *
 * @param path the path of the key, such as {@code sites[0].rules[2].ttl}; empty if the problem is not about a key
 */
public record Problem(String file, Place place, String path, String message) {
    /** A quoted value that is too long for a message. */
    private static final Pattern QUOTED =
            Pattern.compile("('[^']{120}(?=[^']+')|\"[^\"]{120}(?=[^\"]+\")|`[^`]{120}(?=[^`]+`))[^'\"`]+");

    private static final int MAX = 2000;

    public Problem {
        message = shortened(message.strip().replaceAll("\\s*\\R\\s*", " "));
    }

    private static String shortened(String message) {
        return Cut.at(MAX, QUOTED.matcher(message).replaceAll("$1…"));
    }

    @Override
    public String toString() {
        return at(file, place) + ": " + (path.isEmpty() ? "" : path + ": ") + message;
    }

    static String at(String file, Place place) {
        return file + ":" + place.line() + ":" + place.column();
    }
}
