package io.cachingproxy.cli.config;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes, written {@code 268435456}, {@code 256MB} (decimal) or {@code 1GiB} (binary), in any case. */
public record ByteSize(long bytes) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,15}(?:\\.\\d{1,3})?) ?([a-zA-Z]*)");
    private static final Map<String, Long> UNITS = units();

    private static Map<String, Long> units() {
        Map<String, Long> units = new LinkedHashMap<>();
        long decimal = 1;
        long binary = 1;
        for (String prefix : new String[] {"", "k", "m", "g", "t"}) {
            units.put(prefix + "b", decimal);
            units.put(prefix + "ib", binary);
            decimal *= 1000;
            binary *= 1024;
        }
        units.remove("ib");
        units.put("", 1L);
        return units;
    }

    public static ByteSize megabytes(long number) {
        return new ByteSize(number * 1_000_000);
    }

    public static ByteSize parse(String text) {
        Matcher form = FORM.matcher(text);
        Long unit = form.matches() ? UNITS.get(form.group(2).toLowerCase(Locale.ROOT)) : null;
        if (unit == null) {
            throw new IllegalArgumentException("'" + text + "' is not a size: such as 256MB, 1GiB or 1048576");
        }
        try {
            return new ByteSize(new BigDecimal(form.group(1))
                    .multiply(BigDecimal.valueOf(unit))
                    .longValueExact());
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("'" + text + "' is not a whole number of bytes below 8 EiB", e);
        }
    }

    /** The size in the largest decimal unit, rounded down: {@code 256 MB}. */
    @Override
    public String toString() {
        long number = bytes;
        int unit = 0;
        while (number >= 1000 && unit < 4) {
            number /= 1000;
            unit++;
        }
        return number + " " + new String[] {"B", "kB", "MB", "GB", "TB"}[unit];
    }
}
