package io.cachingproxy.cli.config;

/**
 * A position in a file.
 *
 * @param line the line number, from 1
 * @param column the column in characters, from 1
 */
public record Place(int line, int column) {
    static final Place START = new Place(1, 1);
}
