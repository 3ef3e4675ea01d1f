package io.cachingproxy.cli;

import io.cachingproxy.cli.config.ByteSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/** The summary of the command {@code warm}, in lines for the operator. */
final class WarmReport {
    /** Not printed if they are 0. */
    private static final Set<String> RARE = Set.of("skipped", "left");

    private WarmReport() {}

    /** @param values the summary by name */
    static List<String> of(Map<String, Object> values) {
        List<String> lines = new ArrayList<>();
        values.forEach((name, value) -> {
            if (name.equals("bytes")) {
                lines.add(row(name, new ByteSize((Long) value)));
            } else if (name.equals("seconds")) {
                lines.add(row("time", String.format(Locale.ROOT, "%.1f s", (Double) value)));
            } else if (value instanceof Map<?, ?> counts && !counts.isEmpty()) {
                lines.add(row(name.replace('-', ' '), text(counts)));
            } else if (value instanceof Number number && !(RARE.contains(name) && number.longValue() == 0)) {
                lines.add(row(name, value));
            }
        });
        return lines;
    }

    private static String row(String name, Object value) {
        return String.format("%-11s %s", name, value);
    }

    private static String text(Map<?, ?> counts) {
        StringJoiner text = new StringJoiner(", ");
        counts.forEach((reason, count) -> text.add(count + " " + reason));
        return text.toString();
    }
}
