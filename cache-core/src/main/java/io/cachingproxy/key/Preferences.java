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
 * @param malformed members whose weight is malformed, with their parameters, in order; they have no effect
 */
public record Preferences(List<Member> members, List<String> malformed) {
    private static final Remembered<String> NORMALISED =
            new Remembered<>(value -> parse(value).normalised());

    /** The weight of a member without one, in thousandths. */
    private static final int WHOLE = 1000;

    /** The normal form of {@code value}. */
    static String normalised(String value) {
        return NORMALISED.of(value);
    }

    /** A member in lower case, and its weight in thousandths. */
    public record Member(String name, int weight) {}

    /** Parses the value of a field. */
    public static Preferences parse(String value) {
        List<Member> members = new ArrayList<>();
        List<String> malformed = new ArrayList<>();
        for (String member : FieldValues.split(value.toLowerCase(Locale.ROOT))) {
            List<String> parts = FieldValues.split(member, ';');
            if (parts.isEmpty()) {
                continue;
            }
            int weight = weight(parts);
            if (weight < 0) {
                malformed.add(String.join("; ", parts)); // the blank distinguishes it from the normal form of a weight
            } else {
                members.add(new Member(parts.get(0), weight));
            }
        }
        members.sort(Comparator.comparingInt(Member::weight).reversed().thenComparing(Member::name));
        malformed.sort(null);
        return new Preferences(members, malformed);
    }

    /** The weight among the parameters of a member, in thousandths; negative if it is malformed or not alone. */
    private static int weight(List<String> parts) {
        int weight = WHOLE;
        boolean weighted = false;
        for (String part : parts.subList(1, parts.size())) {
            boolean isWeight = part.startsWith("q") && (part.length() == 1 || "= \t".indexOf(part.charAt(1)) >= 0);
            if (isWeight) {
                weight = weighted ? -1 : thousandths(part);
                weighted = true;
            }
            if (weight < 0) {
                return weight;
            }
        }
        return weight;
    }

    /** The value of {@code q=}: from 0 to 1, with at most three decimals; negative if it is none. */
    private static int thousandths(String parameter) {
        boolean whole = parameter.startsWith("q=1");
        if (!whole && !parameter.startsWith("q=0")) {
            return -1;
        }
        String decimals = parameter.substring(3);
        if (decimals.isEmpty() || decimals.equals(".")) {
            return whole ? WHOLE : 0;
        }
        String digits = decimals.substring(1);
        if (decimals.charAt(0) != '.' || digits.length() > 3 || !FieldValues.isDigits(digits)) {
            return -1;
        }
        int fraction = Integer.parseInt((digits + "00").substring(0, 3));
        return !whole ? fraction : fraction == 0 ? WHOLE : -1;
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

    /**
     * The member that outweighs all others, or null if there is none: an origin may accept a malformed weight.
     */
    @Nullable
    String favourite() {
        if (!malformed.isEmpty()) {
            return null;
        }
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
            if (member.weight() < WHOLE) {
                text.append(";q=").append(member.weight());
            }
        }
        for (String member : malformed) {
            text.append(text.length() == 0 ? "" : ",").append(member);
        }
        return text.toString();
    }
}
