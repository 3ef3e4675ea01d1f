package io.cachingproxy.http.fields;

import io.cachingproxy.http.Headers;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The tags for purging in the header fields of a response. */
public final class Tags {
    private static final Pattern SPACES = Pattern.compile("[ \\t]+");
    private static final Pattern COMMAS = Pattern.compile("[ \\t]*,[ \\t]*");

    /** For fields that some documentation separates by spaces and some by commas. */
    private static final Pattern BOTH = Pattern.compile("[ \\t,]+");

    /** The separators of tags, by field. */
    private static final Map<String, Pattern> FIELDS = new TreeMap<>(Map.of(
            "Surrogate-Key", SPACES, // Fastly
            "xkey", BOTH, // Varnish
            "Cache-Tag", BOTH, // commas: Cloudflare, Google; spaces: KeyCDN
            "Cache-Tags", BOTH, // spaces: Drupal
            "X-Cache-Tags", COMMAS, // FOSHttpCache
            "X-Magento-Tags", COMMAS, // Magento
            "Edge-Cache-Tag", COMMAS)); // Akamai

    private Tags() {}

    /** The tags in all tag fields. */
    public static Set<String> of(Headers headers) {
        Set<String> tags = new TreeSet<>();
        FIELDS.forEach((field, separator) -> {
            for (String value : headers.all(field)) {
                separator
                        .splitAsStream(value.strip())
                        .filter(tag -> !tag.isEmpty())
                        .forEach(tags::add);
            }
        });
        return tags.isEmpty() ? Set.of() : tags;
    }
}
