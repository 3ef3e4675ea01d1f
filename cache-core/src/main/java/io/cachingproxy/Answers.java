package io.cachingproxy;

import io.cachingproxy.http.CacheControl;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.fields.ByteRange;
import io.cachingproxy.http.fields.ContentRange;
import io.cachingproxy.http.fields.HopByHop;
import io.cachingproxy.http.syntax.HttpDate;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Freshness;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.policy.parts.Partial;
import io.cachingproxy.policy.parts.Preconditions;
import io.cachingproxy.policy.parts.Reply;
import io.cachingproxy.rules.Redirect;
import io.cachingproxy.rules.Respond;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Set;

/**
 * Creates responses to clients: from stored responses, from origin responses, by rules, and for errors of the cache
 * itself.
 */
final class Answers {
    /** Fields of this cache, which no origin sets: {@code Cache-Status} is a list, and that of the origin is kept. */
    private static final Set<String> OWN = Set.of("cache-debug", "x-cache");

    /** Fields omitted from a 304, which has no content to describe (RFC 9110 §15.4.5). */
    private static final Set<String> NOT_IN_304 =
            Set.of("content-length", "content-type", "content-encoding", "content-language", "content-range");

    private static final SecureRandom RANDOM = new SecureRandom();

    private final String name;
    private final String via;
    private final String instance;

    /**
     * Creates the answers of a cache.
     *
     * @param name the name of the cache in Cache-Status and Via, a token
     */
    Answers(String name) {
        this.name = name;
        this.via = "1.1 " + name;
        this.instance = name + "." + HexFormat.of().toHexDigits(RANDOM.nextLong());
    }

    /**
     * The Via member added to forwarded requests; it contains the name of this instance, so that loops are detected.
     */
    String via() {
        return "1.1 " + instance;
    }

    /** Loop detection: true if a Via field of the request names this instance (RFC 9110 §7.6.3). */
    boolean wasHere(Headers request) {
        for (String line : request.all("Via")) {
            if (line.contains(instance)) {
                return true;
            }
        }
        return false;
    }

    /** The answer of a hit. */
    Answer hit(CacheRequest request, Decision.Hit hit, Instant now) {
        CacheStatus status = CacheStatus.hit(hit.stored().freshness().ttl(now), null);
        return stored(request, hit.stored(), status, now);
    }

    /** The answer from a stored response, after the conditions and ranges of {@code request} are evaluated. */
    Answer stored(CacheRequest request, StoredResponse stored, CacheStatus status, Instant now) {
        Answer answer = stored(request.head(), stored, status, now);
        ResponseHead head = request.towardsClient(stored.head(), answer.head());
        return head == answer.head() ? answer : new Answer(head, answer.content(), status);
    }

    private Answer stored(RequestHead request, StoredResponse stored, CacheStatus status, Instant now) {
        long length = stored.body().length();
        ResponseHead head = stored.head();
        ContentRange part = Partial.of(stored);
        Reply reply = Preconditions.evaluate(request, head, part == null ? length : part.total(), now);
        Headers headers = head.headers()
                .plus("Age", age(stored, now), "X-Cache", "HIT", "Cache-Status", status.field(name), "Via", via);
        if (part != null && reply instanceof Reply.Partial ranges) {
            return range(ranges.ranges().get(0), stored, headers, part.from(), part.total(), status);
        }
        if (reply instanceof Reply.Full) {
            boolean counted = head.headers().contains("Content-Length") || head.isBodiless("GET");
            Content content = request.isHead() ? Content.empty() : stored.body().read();
            Headers whole = counted ? headers : headers.plus("Content-Length", Long.toString(length));
            return new Answer(new ResponseHead(head.status(), whole, head.cacheControl()), content, status);
        }
        return part(reply, stored, headers, length, status);
    }

    /**
     * The answer from a stored response that the origin has just validated; a 304 counts as the origin's (X-Cache:
     * MISS).
     */
    Answer validated(CacheRequest request, StoredResponse stored, CacheStatus status, Instant now) {
        Answer answer = stored(request, stored, status, now);
        return answer.head().status() == 304
                ? new Answer(
                        answer.head().withHeaders(answer.head().headers().with("X-Cache", "MISS")),
                        answer.content(),
                        status)
                : answer;
    }

    private static Answer part(Reply reply, StoredResponse stored, Headers headers, long length, CacheStatus status) {
        if (reply instanceof Reply.NotModified) {
            Headers some = headers.without(NOT_IN_304);
            return new Answer(new ResponseHead(304, some, stored.head().cacheControl()), Content.empty(), status);
        }
        if (reply instanceof Reply.Partial partial) {
            return partial.ranges().size() == 1
                    ? range(partial.ranges().get(0), stored, headers, 0, length, status)
                    : Multipart.answer(partial.ranges(), stored, headers, status);
        }
        Headers range = headers.without(NOT_IN_304)
                .plus("Content-Range", "bytes */" + length)
                .plus("Content-Length", "0");
        return new Answer(new ResponseHead(416, range), Content.empty(), status);
    }

    /**
     * A range of a stored response.
     *
     * @param start offset of the stored body in the complete representation, in bytes
     * @param total length of the complete representation, in bytes
     */
    private static Answer range(
            ByteRange range, StoredResponse stored, Headers headers, long start, long total, CacheStatus status) {
        Headers some = headers.with("Content-Length", Long.toString(range.count()))
                .with("Content-Range", range.contentRange(total));
        return new Answer(
                new ResponseHead(206, some, stored.head().cacheControl()),
                stored.body().read(range.from() - start, range.count()),
                status);
    }

    private static String age(StoredResponse stored, Instant now) {
        long seconds = stored.freshness().age(now).toSeconds();
        return Long.toString(Math.min(seconds, CacheControl.MAX_DELTA.toSeconds()));
    }

    /** The head of an origin response that is relayed to the client. */
    ResponseHead relayed(CacheRequest request, ResponseHead response, CacheStatus status, Instant now) {
        Headers headers = HopByHop.strip(response.headers()).without(OWN);
        if (!headers.contains("Date")) { // RFC 9110 §6.6.1
            headers = headers.plus("Date", HttpDate.format(now));
        }
        return request.towardsClient(response, response.withHeaders(headers.plus(own("MISS", status))));
    }

    /**
     * The origin's response for the leader; conditions of the client that were not forwarded are evaluated here.
     *
     * @param content the body, which the caller cancels if the answer does not have it: a 304 has none
     */
    Answer leading(
            CacheRequest asked,
            RequestHead forwarded,
            ResponseHead relayed,
            Content content,
            CacheStatus status,
            Instant now) {
        RequestHead request = asked.head();
        if (!request.isSafe() || request.method().equals("OPTIONS")) { // RFC 9110 §13.2.1, §13.1.2
            return new Answer(relayed, content, status);
        }
        boolean answered = request.headers().contains("If-None-Match")
                ? forwarded
                        .headers()
                        .all("If-None-Match")
                        .equals(request.headers().all("If-None-Match"))
                : forwarded
                        .headers()
                        .all("If-Modified-Since")
                        .equals(request.headers().all("If-Modified-Since"));
        return answered ? new Answer(relayed, content, status) : conditional(request, relayed, content, status, now);
    }

    /**
     * The response in flight for a follower: with its Age, and after the follower's conditions are evaluated.
     *
     * @param content the body, which the caller cancels if the answer does not have it: a 304 has none
     */
    Answer following(
            CacheRequest request,
            ResponseHead response,
            Freshness freshness,
            Content content,
            CacheStatus status,
            Instant now) {
        Headers headers = response.headers().plus(own("MISS", status));
        long age = freshness.age(now).toSeconds();
        Headers aged = age == 0 ? headers : headers.plus("Age", Long.toString(age));
        ResponseHead head = request.towardsClient(response, response.withHeaders(aged));
        return conditional(request.head(), head, content, status, now);
    }

    private static Answer conditional(
            RequestHead request, ResponseHead head, Content content, CacheStatus status, Instant now) {
        if (Preconditions.evaluate(request, head, null, now) instanceof Reply.NotModified) {
            return new Answer(new ResponseHead(304, head.headers().without(NOT_IN_304)), Content.empty(), status);
        }
        return new Answer(head, content, status);
    }

    /** The answer of a redirect rule. */
    Answer redirect(CacheRequest request, Redirect redirect, Instant now) {
        Headers location =
                Headers.of("Location", redirect.location(request.head().target()));
        return byRule(request, redirect.status(), location, "", now);
    }

    /** The answer of a respond rule. */
    Answer respond(CacheRequest request, Respond respond, Instant now) {
        Headers type =
                respond.body().isEmpty() ? Headers.EMPTY : Headers.of("Content-Type", "text/plain;charset=utf-8");
        return byRule(request, respond.status(), type, respond.body(), now);
    }

    private Answer byRule(CacheRequest request, int code, Headers more, String body, Instant now) {
        byte[] text = body.getBytes(StandardCharsets.UTF_8);
        Headers headers = Headers.of("Date", HttpDate.format(now)).plus(more);
        ResponseHead head = new ResponseHead(code, headers);
        if (!head.isBodiless("GET")) {
            head = head.withHeaders(headers.plus("Content-Length", Integer.toString(text.length)));
        }
        CacheStatus status = CacheStatus.failed(null, Reason.ANSWERED_BY_RULE);
        Headers all = head.headers().plus(own("MISS", status));
        boolean bodiless = head.isBodiless(request.head().method());
        return new Answer(
                request.towardsClient(head, head.withHeaders(all)),
                bodiless ? Content.empty() : Content.of(ByteBuffer.wrap(text)),
                status);
    }

    /** The answer to a request for a stored response only, if there is none (RFC 9111 §5.2.1.7). */
    Answer unsatisfiable(Decision.Unsatisfiable decision, Instant now) {
        return error(504, "no stored response matches", CacheStatus.failed(null, decision.reason()), now);
    }

    /** An error response of the cache itself: short plain text with no-store. */
    Answer error(int status, String message, CacheStatus why, Instant now) {
        byte[] text = (message + "\n").getBytes(StandardCharsets.UTF_8);
        Headers headers = Headers.of(
                        "Date",
                        HttpDate.format(now),
                        "Content-Type",
                        "text/plain;charset=utf-8",
                        "Content-Length",
                        Integer.toString(text.length),
                        "Cache-Control",
                        "no-store")
                .plus(own("MISS", why));
        Headers all = status == 503 ? headers.plus("Retry-After", "1") : headers;
        return new Answer(new ResponseHead(status, all), Content.of(ByteBuffer.wrap(text)), why);
    }

    private Headers own(String xCache, CacheStatus status) {
        return Headers.of("X-Cache", xCache, "Cache-Status", status.field(name), "Via", via);
    }
}
