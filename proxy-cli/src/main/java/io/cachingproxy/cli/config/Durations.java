package io.cachingproxy.cli.config;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a duration written {@code 500ms}, {@code 300s}, {@code 5m}, {@code 1h}, {@code 7d} or in ISO 8601. */
public final class Durations {
    private static final Pattern FORM = Pattern.compile("(\\d{1,12})(ms|s|m|h|d)");
    private static final Map<String, ChronoUnit> UNITS = Map.of(
            "ms", ChronoUnit.MILLIS,
            "s", ChronoUnit.SECONDS,
            "m", ChronoUnit.MINUTES,
            "h", ChronoUnit.HOURS,
            "d", ChronoUnit.DAYS);

    /** The longest duration: longer than any useful freshness, but without overflow when added to the current time. */
    private static final Duration MAX = Duration.ofDays(36_500);

    private Durations() {}

    public static Duration parse(String text) {
        Duration duration = duration(text);
        if (duration.isNegative() || duration.compareTo(MAX) > 0) {
            throw new IllegalArgumentException("'" + text + "' is not between 0 and 100 years");
        }
        return duration;
    }

    /** The duration in the syntax of {@link #parse}: in seconds, or in milliseconds if there is a fraction of a second. */
    public static String text(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
    }

    private static Duration duration(String text) {
        Matcher form = FORM.matcher(text.toLowerCase(Locale.ROOT));
        if (form.matches()) {
            return Duration.of(Long.parseLong(form.group(1)), UNITS.getOrDefault(form.group(2), ChronoUnit.SECONDS));
        }
        try {
            return Duration.parse(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a duration: such as 500ms, 300s, 5m, 1h or PT5M", e);
        }
    }
}
