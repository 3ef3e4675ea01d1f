package io.cachingproxy.cli.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Collects the errors and warnings of one file. */
final class Problems {
    /** Maximum number of reported errors, and of reported warnings. */
    private static final int MAX = 1000;

    private final String file;
    private final List<Problem> errors = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();
    private final Secrets secrets;
    private int more;

    /**
     * The problems of one file.
     *
     * @param secrets the values that are masked in messages
     */
    Problems(String file, Secrets secrets) {
        this.file = file;
        this.secrets = secrets;
    }

    /** Aborts the reading of one value; the reader continues with the other values. */
    static final class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient Value value;

        Wrong(Value value, String message) {
            super(message, null, false, false);
            this.value = value;
        }
    }

    String file() {
        return file;
    }

    Secrets secrets() {
        return secrets;
    }

    void error(Place place, String path, String message) {
        if (errors.size() < MAX) {
            errors.add(problem(place, path, message));
        } else {
            more++;
        }
    }

    void warning(Place place, String path, String message) {
        if (warnings.size() < MAX) {
            warnings.add(problem(place, path, message));
        }
    }

    private Problem problem(Place place, String path, String message) {
        return new Problem(file, place, path, secrets.hidden(message));
    }

    /**
     * The result of {@code reading}. Ends the reading of the file if the thread is interrupted.
     *
     * @param value the value at whose position an IllegalArgumentException is reported
     * @return null if the value is invalid; the error is added
     */
    <T> @Nullable T attempt(Value value, Supplier<T> reading) {
        Interruption.check();
        try {
            return reading.get();
        } catch (Wrong wrong) {
            error(wrong.value.place(), wrong.value.path(), String.valueOf(wrong.getMessage()));
        } catch (IllegalArgumentException e) {
            error(value.place(), value.path(), String.valueOf(e.getMessage()));
        }
        return null;
    }

    boolean isEmpty() {
        return errors.isEmpty();
    }

    /** The number of errors so far. */
    int count() {
        return errors.size() + more;
    }

    /** The errors in the order of the file. */
    List<Problem> errors() {
        List<Problem> told = new ArrayList<>(sorted(errors));
        if (more > 0) {
            told.add(new Problem(file, told.get(told.size() - 1).place(), "", more + " more errors"));
        }
        return told;
    }

    /** The warnings in the order of the file. */
    List<Problem> warnings() {
        return sorted(warnings);
    }

    private static List<Problem> sorted(List<Problem> problems) {
        return problems.stream()
                .sorted(Comparator.comparingInt((Problem it) -> it.place().line())
                        .thenComparingInt(it -> it.place().column()))
                .distinct()
                .toList();
    }
}
