package io.cachingproxy.cli;

import java.util.Optional;

/** A TCP port; 0 stands for any that is free. */
record Port(int number) {
    private static final int MAX = 65535;

    static Port parse(String text) {
        try {
            int number = Integer.parseInt(text);
            if (number >= 0 && number <= MAX) {
                return new Port(number);
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException("'" + text + "' is not a port: 0 to " + MAX);
    }

    /** The port after this one, if there is one; after a free one another free one. */
    Optional<Port> next() {
        if (number == 0) {
            return Optional.of(this);
        }
        return number == MAX ? Optional.empty() : Optional.of(new Port(number + 1));
    }

    @Override
    public String toString() {
        return Integer.toString(number);
    }
}
