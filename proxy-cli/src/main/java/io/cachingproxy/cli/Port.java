package io.cachingproxy.cli;

import java.util.Optional;

/** A TCP port; 0 is any free port. */
record Port(int number) {
    private static final int MAX = 65535;

    static Port parse(String text) {
        try {
            int number = Integer.parseInt(text);
            if (number >= 0 && number <= MAX) {
                return new Port(number);
            }
        } catch (NumberFormatException e) {
            // Reported below.
        }
        throw new IllegalArgumentException("'" + text + "' is not a port: 0 to " + MAX);
    }

    /** The next port number, if any; after 0 again 0, for another free port. */
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
