package io.cachingproxy.cli.warm;

import io.cachingproxy.cli.text.Cut;
import io.cachingproxy.http.Target;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * The URLs to request, each once. URLs that the operator gives name the hosts that may be requested; URLs that a fetched
 * sitemap lists are added only for these hosts.
 */
public final class UrlList {
    /** The limit of the number of URLs. */
    static final int MOST = 1_000_000;

    private static final int LONGEST_SHOWN = 120;

    /** The memory of a URL, besides that of its characters: the target, its text, and its place in the set. */
    private static final int BYTES = 160;

    private final Set<Target> urls = new LinkedHashSet<>();

    /** The hosts that may be requested, each with the only copy of its text. */
    private final Map<String, String> hosts = new HashMap<>();

    private final int most;
    private final long maxBytes;
    private long bytes;

    /** An empty list of at most 1,000,000 URLs, in at most half of the heap. */
    public UrlList() {
        this(MOST, Runtime.getRuntime().maxMemory() / 2);
    }

    UrlList(int most, long maxBytes) {
        this.most = most;
        this.maxBytes = maxBytes;
    }

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
        hosts.putIfAbsent(url.authority(), url.authority());
        return url;
    }

    /** Whether the host of a URL may be requested. */
    boolean allows(Target url) {
        return hosts.containsKey(url.authority());
    }

    /** @throws Full if the list is full */
    void add(Target url) {
        if (urls.contains(url)) {
            return;
        }
        long size = bytes + BYTES + url.pathAndQuery().length();
        if (urls.size() >= most) {
            throw new Full("more than " + most + " URLs");
        } else if (size > maxBytes) {
            throw new Full("more URLs than fit in half of the heap: give it more memory (java -Xmx)");
        }
        bytes = size;
        String host = hosts.getOrDefault(url.authority(), url.authority());
        urls.add(new Target(url.scheme().intern(), host, url.pathAndQuery()));
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
            throw new Malformed(Cut.at(LONGEST_SHOWN, text), e);
        }
    }

    /** Thrown for a URL that the list has no room for; the message is one line. */
    static final class Full extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        Full(String message) {
            super(message);
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
