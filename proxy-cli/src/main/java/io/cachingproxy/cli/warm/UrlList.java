package io.cachingproxy.cli.warm;

import io.cachingproxy.http.Target;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The URLs to request, each once. URLs that the operator gives name the hosts that may be requested; URLs that a fetched
 * sitemap lists are added only for these hosts.
 */
public final class UrlList {
    private static final int MOST = 1_000_000;
    private static final int LONGEST_SHOWN = 120;

    private final Set<Target> urls = new LinkedHashSet<>();
    private final Set<String> hosts = new HashSet<>();

    /**
     * Adds a URL that the operator gives; its host may be requested.
     *
     * @throws IllegalArgumentException unless it is an absolute http or https URL; the message has the text, controls
     *     included
     */
    public void add(String text) {
        Target url = allow(text);
        add(url);
    }

    /**
     * Adds the host of a URL that the operator gives, but not the URL.
     *
     * @throws IllegalArgumentException as {@link #add(String)}
     */
    Target allow(String text) {
        Target url = parse(text);
        hosts.add(url.authority());
        return url;
    }

    /** Whether the host of a URL may be requested. */
    boolean allows(Target url) {
        return hosts.contains(url.authority());
    }

    void add(Target url) {
        if (urls.size() >= MOST) {
            throw new IllegalArgumentException("more than " + MOST + " URLs");
        }
        urls.add(url);
    }

    /** The URLs in the order in which they were added. */
    public Set<Target> urls() {
        return Collections.unmodifiableSet(urls);
    }

    /**
     * Parses a URL. Characters other than ASCII are percent-encoded, and a fragment is removed.
     *
     * @throws Malformed unless it is an absolute http or https URL; the message has the text, controls included
     */
    static Target parse(String text) {
        try {
            String ascii = new URI(text.replaceFirst("#.*$", "")).toASCIIString();
            return Target.of(new URI(ascii));
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw new Malformed(text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN) + "…" : text, e);
        }
    }

    /** Thrown for a text that is not an absolute http or https URL. */
    static final class Malformed extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        private final String url;

        Malformed(String url, Throwable cause) {
            super("'" + url + "' is not an absolute http or https URL", cause);
            this.url = url;
        }

        String url() {
            return url;
        }
    }
}
