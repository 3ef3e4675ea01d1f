package io.cachingproxy.http.fields;

import io.cachingproxy.http.Headers;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The tags that an origin gave a response, to purge it by. */
public final class Tags {
    private static final List<String> FIELDS = List.of("Surrogate-Key", "Cache-Tag", "xkey");
    private static final Pattern SEPARATORS = Pattern.compile("[ \\t,]+");

    private Tags() {}

    /** What stands in Surrogate-Key, Cache-Tag and xkey, between spaces and commas. */
    public static Set<String> of(Headers headers) {
        Set<String> tags = new TreeSet<>();
        for (String field : FIELDS) {
            for (String value : headers.all(field)) {
                SEPARATORS.splitAsStream(value).filter(tag -> !tag.isEmpty()).forEach(tags::add);
            }
        }
        return tags.isEmpty() ? Set.of() : tags;
    }
}
