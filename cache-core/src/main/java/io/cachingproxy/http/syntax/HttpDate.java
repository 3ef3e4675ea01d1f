package io.cachingproxy.http.syntax;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Timestamps of HTTP: IMF-fixdate, and the two obsolete forms that recipients must read (RFC 9110 §5.6.7). */
public final class HttpDate {
    private static final List<String> MONTHS =
            List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");
    private static final String DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
    private static final String MONTH = "(" + String.join("|", MONTHS) + ")";
    private static final String TIME = "(\\d{2}):(\\d{2}):(\\d{2})";
    private static final Pattern FIXDATE =
            Pattern.compile(DAY + ", (\\d{2}) " + MONTH + " (\\d{4}) " + TIME + " GMT", Pattern.CASE_INSENSITIVE);
    private static final Pattern RFC850 = Pattern.compile(
            "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\\d{2})-" + MONTH + "-(\\d{2}) " + TIME + " GMT",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern ASCTIME =
            Pattern.compile(DAY + " " + MONTH + " ([\\d ]\\d) " + TIME + " (\\d{4})", Pattern.CASE_INSENSITIVE);
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);

    /** Remembers parsed dates, because many responses have the same date. */
    private static final Remembered<Optional<Instant>> FIXDATES = new Remembered<>(HttpDate::fixdate);

    private HttpDate() {}

    /**
     * Parses an HTTP-date; null if {@code value} is none.
     *
     * @param now decides the century of a two-digit year: never more than 50 years ahead
     */
    public static @Nullable Instant parse(String value, Instant now) {
        if (value.length() > 40) {
            return null;
        }
        try {
            Optional<Instant> fixdate = FIXDATES.of(value);
            if (fixdate.isPresent()) {
                return fixdate.get();
            }
            Matcher m = ASCTIME.matcher(value);
            if (m.matches()) {
                return instant(
                        Integer.parseInt(m.group(6)), m.group(1), m.group(2).strip(), m, 3);
            }
            m = RFC850.matcher(value);
            return m.matches() ? ofTwoDigitYear(m, now) : null;
        } catch (DateTimeException impossible) { // the 31st of February
            return null;
        }
    }

    private static Optional<Instant> fixdate(String value) {
        Matcher m = FIXDATE.matcher(value);
        return m.matches()
                ? Optional.of(instant(Integer.parseInt(m.group(3)), m.group(2), m.group(1), m, 4))
                : Optional.empty();
    }

    private static Instant ofTwoDigitYear(Matcher m, Instant now) {
        ZonedDateTime today = now.atZone(ZoneOffset.UTC);
        int year = today.getYear() / 100 * 100 + Integer.parseInt(m.group(3));
        Instant thisCentury = instant(year, m.group(2), m.group(1), m, 4);
        return thisCentury.isAfter(today.plusYears(50).toInstant())
                ? instant(year - 100, m.group(2), m.group(1), m, 4)
                : thisCentury;
    }

    private static Instant instant(int year, String month, String day, Matcher m, int time) {
        String name = month.substring(0, 1).toUpperCase(Locale.ROOT)
                + month.substring(1).toLowerCase(Locale.ROOT);
        int second = Integer.parseInt(m.group(time + 2));
        return LocalDateTime.of(
                        year,
                        MONTHS.indexOf(name) + 1,
                        Integer.parseInt(day),
                        Integer.parseInt(m.group(time)),
                        Integer.parseInt(m.group(time + 1)),
                        second == 60 ? 59 : second) // a leap second is the one before it
                .toInstant(ZoneOffset.UTC);
    }

    /** The IMF-fixdate of {@code instant}. */
    public static String format(Instant instant) {
        return FORMAT.format(instant);
    }
}
