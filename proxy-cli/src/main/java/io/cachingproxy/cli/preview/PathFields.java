package io.cachingproxy.cli.preview;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The headers and cookies of one path: which of them are in the key, and which ones should be. */
final class PathFields {
    /** Settings of rules. */
    record Profile(List<String> ignore, List<String> headers, List<String> cookies, boolean bypass) {}

    private final SiteEvidence site;
    private final PathEvidence path;
    private final Set<String> vary = new TreeSet<>();
    private final Set<String> keyed = new TreeSet<>();
    private final Set<String> ignored = new TreeSet<>();
    private final Set<String> inputs = new TreeSet<>();
    private boolean explicit = true;
    private boolean storable;

    PathFields(SiteEvidence site, PathEvidence path) {
        this.site = site;
        this.path = path;
        for (Sample sample : path.samples()) {
            vary.addAll(sample.vary());
            keyed.addAll(sample.keyed());
            ignored.addAll(sample.ignored());
            inputs.addAll(sample.inputs().keySet());
            explicit &= sample.explicit();
            storable |= sample.storable();
        }
        if (ignored.contains("vary")) {
            vary.clear();
        }
        if (ignored.contains("cookie")) {
            vary.remove("cookie");
        }
    }

    /** Whether responses are selected by the input, by Vary or because it keeps them from being stored. */
    boolean selects(String input) {
        return input.startsWith(Sample.COOKIE)
                ? vary.contains("cookie") || !explicit
                : vary.contains(input.substring(Sample.HEADER.length()));
    }

    private boolean isInKey(String input) {
        if (keyed.contains(input)) {
            return true;
        }
        return input.startsWith(Sample.COOKIE)
                ? vary.contains("cookie")
                : input.startsWith(Sample.HEADER) && vary.contains(input.substring(Sample.HEADER.length()));
    }

    /** Inputs that change the body and are not in the key of a response that may be stored. */
    List<String> unkeyed() {
        return storable
                ? path.decisive().keySet().stream()
                        .filter(input -> !isInKey(input))
                        .toList()
                : List.of();
    }

    /** The better settings of the key; null if they are the present ones, or not known. */
    @Nullable
    Profile profile() {
        if (!storable || path.changing() || !path.unclear().isEmpty() || vary.contains("*")) {
            return null;
        }
        List<String> unkeyed = unkeyed();
        if (unkeyed.contains(Sample.HEADER + "authorization")) {
            return new Profile(List.of(), List.of(), List.of(), true);
        }
        Set<String> cookies = names(Sample.COOKIE);
        Set<String> useless = new TreeSet<>(cookies);
        useless.removeIf(name -> !site.isHarmless(Sample.COOKIE + name, path));
        boolean ignoresCookie = !useless.isEmpty() && (vary.contains("cookie") || !explicit);
        Set<String> members = new TreeSet<>(vary);
        members.remove("cookie");
        Set<String> needed = new TreeSet<>(members);
        needed.removeIf(name -> !name.equals("accept-encoding") && site.isHarmless(Sample.HEADER + name, path));
        boolean ignoresVary = !needed.equals(members);
        if (!ignoresCookie && !ignoresVary && unkeyed.stream().noneMatch(it -> !it.startsWith(Sample.QUERY))) {
            return null;
        }
        Set<String> ignore = new TreeSet<>(ignored);
        Set<String> keyCookies = decisive(Sample.COOKIE, unkeyed);
        Set<String> keyHeaders = decisive(Sample.HEADER, unkeyed);
        if (ignoresCookie) {
            ignore.add("cookie");
        }
        if (ignoresVary) {
            ignore.add("vary");
            keyHeaders.addAll(needed);
        }
        if (ignoresCookie || (ignoresVary && vary.contains("cookie"))) {
            cookies.removeAll(useless);
            keyCookies.addAll(cookies);
        }
        if (!Stream.concat(keyCookies.stream(), keyHeaders.stream()).allMatch(SiteEvidence::isPlain)) {
            return null;
        }
        return new Profile(
                ignoresCookie || ignoresVary ? List.copyOf(ignore) : List.of(),
                List.copyOf(keyHeaders),
                List.copyOf(keyCookies),
                false);
    }

    private Set<String> names(String kind) {
        Set<String> names = new TreeSet<>();
        inputs.stream()
                .filter(input -> input.startsWith(kind))
                .forEach(input -> names.add(input.substring(kind.length())));
        return names;
    }

    /** Inputs of a kind that are not in the key, and those that rules have added to it already. */
    private Set<String> decisive(String kind, List<String> unkeyed) {
        Set<String> names = new TreeSet<>();
        Stream.concat(unkeyed.stream(), keyed.stream())
                .filter(input -> input.startsWith(kind))
                .forEach(input -> names.add(input.substring(kind.length())));
        return names;
    }
}
