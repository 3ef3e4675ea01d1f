package io.cachingproxy.key;

import io.cachingproxy.http.syntax.FieldValues;
import io.cachingproxy.http.syntax.Remembered;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The members of a negotiation field such as Accept-Language, by weight (RFC 9110 §12.4.2). Case is insignificant, and
 * so is the order of members of the same weight.
 *
 * @param members by descending weight, then by name
 */
public record Preferences(List<Member> members) {
    private static final Remembered<String> NORMALISED =
            new Remembered<>(value -> parse(value).normalised());

    /** The normal form of {@code value}. */
    static String normalised(String value) {
        return NORMALISED.of(value);
    }

    /** A member in lower case, and its weight in thousandths. */
    public record Member(String name, int weight) {}

    /** Parses the value of a field; its malformed weights count as 1. */
    public static Preferences parse(String value) {
        List<Member> members = new ArrayList<>();
        for (String member : FieldValues.split(value.toLowerCase(Locale.ROOT))) {
            List<String> parts = FieldValues.split(member, ';');
            if (!parts.isEmpty()) {
                members.add(new Member(parts.get(0), weight(parts)));
            }
        }
        members.sort(Comparator.comparingInt(Member::weight).reversed().thenComparing(Member::name));
        return new Preferences(members);
    }

    private static int weight(List<String> parts) {
        for (String part : parts.subList(1, parts.size())) {
            if (part.startsWith("q=") && part.length() <= 7) {
                try {
                    return Math.max(0, Math.min(1000, Math.round(Float.parseFloat(part.substring(2)) * 1000)));
                } catch (NumberFormatException malformed) {
                    return 1000;
                }
            }
        }
        return 1000;
    }

    /**
     * The weight of a member, in thousandths; null if it is not listed.
     *
     * @param name in lower case
     */
    public @Nullable Integer weight(String name) {
        for (Member member : members) {
            if (member.name().equals(name)) {
                return member.weight();
            }
        }
        return null;
    }

    /** The member that outweighs all others, or null if there is none. */
    @Nullable
    String favourite() {
        boolean alone = members.size() == 1
                || (members.size() > 1
                        && members.get(0).weight() > members.get(1).weight());
        return alone && members.get(0).weight() > 0 ? members.get(0).name() : null;
    }

    /** The normal form, which is the same for equivalent values. */
    String normalised() {
        StringBuilder text = new StringBuilder();
        for (Member member : members) {
            text.append(text.length() == 0 ? "" : ",").append(member.name());
            if (member.weight() < 1000) {
                text.append(";q=").append(member.weight());
            }
        }
        return text.toString();
    }
}
