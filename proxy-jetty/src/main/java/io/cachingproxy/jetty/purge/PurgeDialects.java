package io.cachingproxy.jetty.purge;

import io.cachingproxy.http.Headers;
import io.cachingproxy.jetty.purge.PurgeCommand.Unclear;
import io.cachingproxy.jetty.purge.PurgeCommand.What;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Translates the purge requests of existing clients: PURGE of a URL, Fastly, FOSHttpCache, Magento 2, Drupal, Shopware,
 * API Platform, WordPress and Souin. What cannot be translated exactly is refused.
 *
 * @param method PURGE, BAN, PURGEKEYS or PURGETAGS
 * @param host the Host of the request
 * @param path path and query
 */
public record PurgeDialects(String method, String host, String path, Headers headers) {
    /** The methods of purge requests. */
    public static final Set<String> METHODS = Set.of("PURGE", "BAN", "PURGEKEYS", "PURGETAGS");

    private static final String ANY = ".*";
    private static final String SOUIN = "/souin-api/souin";
    private static final int MAX_TAGS = 5_000;
    private static final Pattern LIST = Pattern.compile("[ \\t,|]+");
    private static final Pattern SPACES = Pattern.compile("[ \\t]+");

    /**
     * What the request purges.
     *
     * @throws Unclear if it cannot be translated exactly
     */
    public PurgeCommand command() {
        return switch (method) {
            case "PURGEKEYS" -> keys();
            case "PURGETAGS" -> hard(tags(listed("X-Cache-Tags"), "X-Cache-Tags"));
            case "BAN" -> hard(ban());
            default -> purge();
        };
    }

    private static PurgeCommand hard(List<What> what) {
        return new PurgeCommand(what, List.of(), false);
    }

    /** xkey of FOSHttpCache: {@code xkey-purge} and {@code xkey-softpurge}. */
    private PurgeCommand keys() {
        Set<String> hard = listed("xkey-purge");
        Set<String> soft = listed("xkey-softpurge");
        if (hard.isEmpty() && soft.isEmpty()) {
            throw new Unclear("xkey-purge and xkey-softpurge name no tag");
        }
        return new PurgeCommand(tags(hard), tags(soft), true);
    }

    private PurgeCommand purge() {
        if (headers.contains("xkey-purge") || headers.contains("xkey-softpurge")) {
            return keys();
        }
        List<What> what = purged();
        return "1".equals(only("Fastly-Soft-Purge")) ? new PurgeCommand(List.of(), what, false) : hard(what);
    }

    private List<What> purged() {
        String magento = only("X-Magento-Tags-Pattern");
        if ("true".equalsIgnoreCase(only("Clear-Cache")) || ANY.equals(magento)) {
            return List.of(new What.Everything(host));
        }
        if (magento != null) {
            return tags(TagPattern.tags(magento));
        }
        if (hasTags()) {
            return tags(tagLists(), "Surrogate-Key, xkey or Cache-Tags");
        }
        int souin = path.indexOf(SOUIN);
        if (souin >= 0) {
            return souin(path.substring(souin + SOUIN.length()));
        }
        String how = only("X-Purge-Method");
        if (how == null || how.equalsIgnoreCase("default") || how.equalsIgnoreCase("exact")) {
            return List.of(new What.Url(host, path));
        }
        if (!how.equalsIgnoreCase("regex")) {
            throw new Unclear("X-Purge-Method is default, exact or regex");
        }
        return List.of(new What.Prefix(host, beforeAny()));
    }

    private List<What> souin(String rest) {
        if (!rest.equals("/flush")) {
            throw new Unclear("Souin's API names what to purge by Surrogate-Key, or is " + SOUIN + "/flush");
        }
        return List.of(new What.Everything(host));
    }

    /** The prefix of WordPress: everything before {@code .*} at the end. */
    private String beforeAny() {
        String prefix = path.endsWith(ANY) ? path.substring(0, path.length() - ANY.length()) : "";
        if (prefix.isEmpty() || prefix.chars().anyMatch(c -> "*+?[](){}|^$\\".indexOf(c) >= 0)) {
            throw new Unclear("X-Purge-Method: regex is supported for a prefix only, such as /news/.*");
        }
        return prefix;
    }

    private List<What> ban() {
        BanFields.check(headers);
        String type = only("X-Content-Type");
        if (type != null && !type.equals(ANY)) {
            throw new Unclear("X-Content-Type other than .* is not supported");
        }
        String named = only("X-Host");
        List<String> hosts = named == null || named.equals(ANY) ? List.of(host) : UrlPattern.hosts(named);
        String given = only("X-Url");
        String url = given == null ? ANY : given;
        boolean everyUrl = url.equals(ANY);
        Set<String> tags = bannedTags();
        if (!tags.isEmpty()) {
            if (!everyUrl) {
                throw new Unclear("tags together with X-Url other than .* are not supported");
            }
            return hosts.stream().flatMap(it -> tags(it, tags).stream()).toList();
        }
        if (!everyUrl) {
            UrlPattern pattern = UrlPattern.of(url);
            return hosts.stream()
                    .<What>map(it ->
                            pattern.exact() ? new What.Url(it, pattern.path()) : new What.Prefix(it, pattern.path()))
                    .toList();
        }
        if (!path.equals("/")) {
            throw new Unclear("BAN names what to purge by header fields, and has the path /");
        }
        return hosts.stream()
                .<What>map(it -> it.equals(host) ? new What.Everything(it) : new What.Prefix(it, "/"))
                .toList();
    }

    private Set<String> bannedTags() {
        Set<String> tags = new LinkedHashSet<>();
        for (String field : List.of("X-Cache-Tags", "ApiPlatform-Ban-Regex")) {
            String pattern = only(field);
            if (pattern != null) {
                tags.addAll(TagPattern.tags(pattern));
            }
        }
        if (hasTags()) {
            Set<String> listed = tagLists();
            if (listed.isEmpty()) {
                throw new Unclear("Surrogate-Key, xkey or Cache-Tags names no tag");
            }
            tags.addAll(listed);
        }
        return tags;
    }

    private boolean hasTags() {
        return headers.contains("Surrogate-Key") || headers.contains("xkey") || headers.contains("Cache-Tags");
    }

    /** The tags in the fields that have lists. */
    private Set<String> tagLists() {
        Set<String> tags = listed("xkey");
        tags.addAll(listed("Cache-Tags"));
        tags.addAll(listed("Surrogate-Key"));
        // Fastly separates by spaces only; Souin by a comma and a space.
        headers.all("Surrogate-Key")
                .forEach(value -> SPACES.splitAsStream(value.strip())
                        .filter(tag -> !tag.isEmpty())
                        .forEach(tags::add));
        tags.forEach(tag -> {
            if (tag.chars().anyMatch(c -> "*+?[](){}^$\\".indexOf(c) >= 0)) {
                throw new Unclear("a list of tags has no patterns");
            }
        });
        return tags;
    }

    private Set<String> listed(String field) {
        Set<String> tags = new LinkedHashSet<>();
        headers.all(field)
                .forEach(value -> Arrays.stream(LIST.split(value.strip()))
                        .filter(tag -> !tag.isEmpty())
                        .forEach(tags::add));
        return tags;
    }

    private @Nullable String only(String field) {
        List<String> values = headers.all(field);
        if (values.size() > 1) {
            throw new Unclear(field + " is there more than once");
        }
        return values.isEmpty() ? null : values.get(0).strip();
    }

    private List<What> tags(Set<String> tags, String field) {
        if (tags.isEmpty()) {
            throw new Unclear(field + " names no tag");
        }
        return tags(tags);
    }

    private List<What> tags(Set<String> tags) {
        return tags(host, tags);
    }

    private static List<What> tags(String host, Set<String> tags) {
        if (tags.size() > MAX_TAGS) {
            throw new Unclear("more than " + MAX_TAGS + " tags in one request");
        }
        List<What> all = new ArrayList<>();
        tags.forEach(tag -> all.add(new What.Tag(host, tag)));
        return all;
    }
}
