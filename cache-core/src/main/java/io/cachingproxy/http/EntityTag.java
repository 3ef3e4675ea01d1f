package io.cachingproxy.http;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An entity tag (RFC 9110 §8.8.3).
 *
 * @param opaque the tag as written in the field, including quotes; an unquoted tag is accepted as it is
 */
public record EntityTag(boolean weak, String opaque) {
    /** The tag of an ETag field, or null if it is absent or empty. */
    public static @Nullable EntityTag of(Headers headers) {
        String value = headers.first("ETag");
        return value == null || value.isBlank() ? null : parse(value.strip());
    }

    public static EntityTag parse(String value) {
        return value.startsWith("W/") ? new EntityTag(true, value.substring(2)) : new EntityTag(false, value);
    }

    /** The tags of an If-None-Match or If-Match field; {@code *} is not a tag and is omitted. */
    public static List<EntityTag> list(Headers headers, String field) {
        List<EntityTag> tags = new ArrayList<>();
        for (String member : headers.list(field)) {
            if (!member.equals("*")) {
                tags.add(parse(member));
            }
        }
        return tags;
    }

    /** Whether the opaque tag has quotes around it, and none within (RFC 9110 §8.8.3). */
    public boolean isQuoted() {
        return opaque.length() > 1 && opaque.startsWith("\"") && opaque.indexOf('"', 1) == opaque.length() - 1;
    }

    /** Weak comparison: the opaque tags are the same (RFC 9110 §8.8.3.2). */
    public boolean matchesWeakly(EntityTag other) {
        return opaque.equals(other.opaque);
    }

    /** Strong comparison: the opaque tags are the same, and neither tag is weak (RFC 9110 §8.8.3.2). */
    public boolean matchesStrongly(EntityTag other) {
        return !weak && !other.weak && opaque.equals(other.opaque);
    }

    @Override
    public String toString() {
        return weak ? "W/" + opaque : opaque;
    }
}
