package io.cachingproxy.jetty.purge;

import io.cachingproxy.jetty.purge.PurgeCommand.Unclear;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Compiles the regular expressions by which clients of Varnish name tags, such as {@code (^|,)(a|b)(,|$)}, into exact
 * tags. Only finite expressions are supported: alternatives, groups, escaped punctuation, and the anchors and commas
 * that surround a tag.
 */
final class TagPattern {
    private static final char START = '\u0001';
    private static final char END = '\u0002';
    private static final int MAX_DEPTH = 20;
    private static final int MAX_CHARS = 1 << 20;

    private final String text;
    private int at;

    private TagPattern(String text) {
        this.text = text;
    }

    /**
     * The tags that a pattern names. A missing border on the left is accepted, because some clients omit it.
     *
     * @throws Unclear if the pattern is not finite, or names parts of tags
     */
    static Set<String> tags(String pattern) {
        String finite = pattern.endsWith("(,.+)?$") // FOSHttpCache 2
                ? pattern.substring(0, pattern.length() - "(,.+)?$".length()) + "(,|$)"
                : pattern;
        TagPattern parser = new TagPattern(finite);
        List<String> words = parser.alternatives(0);
        if (parser.at < finite.length()) {
            throw parser.wrong();
        }
        Set<String> tags = new LinkedHashSet<>();
        words.forEach(word -> tags.add(parser.tag(word)));
        return tags;
    }

    private String tag(String word) {
        boolean left = !word.isEmpty() && isBorder(word.charAt(0), START);
        boolean right = word.length() > 1 && isBorder(word.charAt(word.length() - 1), END);
        String tag = right ? word.substring(left ? 1 : 0, word.length() - 1).strip() : "";
        if (tag.isEmpty() || tag.chars().anyMatch(c -> c == ',' || c == START || c == END)) {
            throw wrong();
        }
        return tag;
    }

    private static boolean isBorder(char c, char anchor) {
        return c == ',' || c == anchor;
    }

    private List<String> alternatives(int depth) {
        List<String> all = new ArrayList<>(sequence(depth));
        while (at < text.length() && text.charAt(at) == '|') {
            at++;
            all.addAll(sequence(depth));
        }
        return all;
    }

    private List<String> sequence(int depth) {
        List<String> all = List.of("");
        StringBuilder run = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '|' && text.charAt(at) != ')') {
            char c = text.charAt(at++);
            if (c == '(') {
                all = product(product(all, List.of(run.toString())), group(depth + 1));
                run.setLength(0);
            } else {
                run.append(single(c));
            }
        }
        return product(all, List.of(run.toString()));
    }

    private List<String> group(int depth) {
        if (depth > MAX_DEPTH) {
            throw wrong();
        }
        if (text.startsWith("?:", at)) {
            at += 2;
        }
        List<String> inner = alternatives(depth);
        if (at >= text.length()) {
            throw wrong();
        }
        at++;
        return inner;
    }

    private char single(char c) {
        if (c == '\\') {
            if (at >= text.length() || Character.isLetterOrDigit(text.charAt(at))) {
                throw wrong();
            }
            return text.charAt(at++);
        }
        if (c < ' ' || ".*+?[]{}".indexOf(c) >= 0) {
            throw wrong();
        }
        return c == '^' ? START : c == '$' ? END : c;
    }

    private List<String> product(List<String> heads, List<String> tails) {
        long chars = 0;
        List<String> all = new ArrayList<>();
        for (String head : heads) {
            for (String tail : tails) {
                chars += 1 + head.length() + tail.length();
                if (chars > MAX_CHARS) {
                    throw new Unclear("the tag pattern has too many alternatives");
                }
                all.add(head + tail);
            }
        }
        return all;
    }

    private Unclear wrong() {
        return new Unclear("the tag pattern is not a finite list of tags such as (^|,)(a|b)(,|$)");
    }
}
