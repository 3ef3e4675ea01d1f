package io.cachingproxy.coding;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.syntax.FieldValues;
import io.cachingproxy.http.syntax.Remembered;
import io.cachingproxy.key.Preferences;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The codings that a rule permits, in order of preference. Chooses one for each request, by proactive negotiation (RFC
 * 9110 §12.5.3).
 *
 * <p>The Accept-Encoding of the request is replaced by the choice. So a response that varies by Accept-Encoding is
 * stored once for each coding, not once for each spelling of the field.
 */
public final class Compression {
    private static final String FIELD = "Accept-Encoding";
    private static final String IDENTITY = "identity";

    private final List<ContentCoding> codings;
    private final Remembered<Choice> choices = new Remembered<>(this::choose);

    /**
     * The choice by a value of Accept-Encoding.
     *
     * @param coding null: the response is not encoded by the cache
     * @param field the new value of Accept-Encoding
     */
    private record Choice(@Nullable ContentCoding coding, String field) {}

    private static final Choice AS_IT_IS = new Choice(null, IDENTITY);

    private Compression(List<ContentCoding> codings) {
        this.codings = codings;
    }

    /**
     * Permits these codings.
     *
     * @param codings the preferred one first; with none, nothing is compressed
     * @throws IllegalArgumentException if a coding is not a token, is {@code identity}, or occurs twice
     */
    public static Compression of(List<ContentCoding> codings) {
        Set<String> tokens = new HashSet<>();
        for (ContentCoding coding : codings) {
            String token = coding.token();
            boolean valid = FieldValues.isToken(token)
                    && token.equals(token.toLowerCase(Locale.ROOT))
                    && !token.equals(IDENTITY)
                    && !token.equals("*");
            if (!valid) {
                throw new IllegalArgumentException("\"" + token + "\" is not the name of a content coding");
            }
            if (!tokens.add(token)) {
                throw new IllegalArgumentException("the content coding " + token + " is listed twice");
            }
        }
        return new Compression(List.copyOf(codings));
    }

    /** The permitted codings, the preferred one first. */
    public List<ContentCoding> codings() {
        return codings;
    }

    /**
     * Chooses the coding of the response to {@code request}; null if the cache never encodes it: the method is neither
     * GET nor HEAD, or no coding is permitted.
     *
     * <p>A request for a range, or with {@code no-transform} (RFC 9111 §5.2.1.6), gets a response that is not encoded. A
     * range with a date in If-Range is ignored if the complete response is encoded: a date does not identify the bytes of
     * an encoded body.
     */
    public @Nullable Negotiated negotiate(RequestHead request) {
        if (codings.isEmpty() || !(request.isGet() || request.isHead())) {
            return null;
        }
        String accepted = request.headers().combined(FIELD);
        Choice choice = accepted == null ? AS_IT_IS : choices.of(accepted);
        Headers headers = request.headers();
        if (choice.coding != null && headers.contains("Range")) {
            String condition = headers.first("If-Range");
            if (condition == null || condition.endsWith("\"")) {
                choice = AS_IT_IS;
            } else {
                headers = headers.without(Set.of("range", "if-range"));
            }
        }
        if (request.cacheControl().has("no-transform")) {
            choice = AS_IT_IS;
        }
        boolean same = headers == request.headers() && choice.field.equals(accepted);
        return new Negotiated(choice.coding, same ? request : request.withHeaders(headers.with(FIELD, choice.field)));
    }

    private Choice choose(String accepted) {
        Preferences preferences = Preferences.parse(accepted);
        Integer any = preferences.weight("*");
        Integer asItIs = preferences.weight(IDENTITY);
        Integer identity = asItIs == null ? any : asItIs;
        ContentCoding best = null;
        int most = identity == null ? 0 : identity - 1; // at the same weight, compression is preferred
        for (ContentCoding coding : codings) {
            int weight = weight(preferences, coding.token(), any);
            if (weight > Math.max(most, 0)) {
                best = coding;
                most = weight;
            }
        }
        return best == null ? AS_IT_IS : new Choice(best, best.token());
    }

    private static int weight(Preferences preferences, String token, @Nullable Integer any) {
        Integer own = preferences.weight(token);
        if (own == null && token.equals("gzip")) {
            own = preferences.weight("x-gzip"); // RFC 9110 §8.4.1.3
        }
        Integer weight = own == null ? any : own;
        return weight == null ? 0 : weight;
    }

    @Override
    public String toString() {
        return codings.stream().map(ContentCoding::token).toList().toString();
    }
}
