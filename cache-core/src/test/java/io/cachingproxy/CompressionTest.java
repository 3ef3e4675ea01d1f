package io.cachingproxy;

import static io.cachingproxy.rules.Rule.rule;
import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.request;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cachingproxy.OriginException.Kind;
import io.cachingproxy.coding.ContentCoding;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.policy.Ignored;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.rules.Rule;
import io.cachingproxy.rules.Rules;
import io.cachingproxy.store.BodyMemory;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.Client.Received;
import io.cachingproxy.testkit.ManualClock;
import io.cachingproxy.testkit.Messages.Request;
import io.cachingproxy.testkit.Messages.Response;
import io.cachingproxy.testkit.ScriptedOrigin;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** Responses that the cache compresses by a rule. */
class CompressionTest {
    private static final String TEXT = "All work and no play makes Jack a dull boy. ".repeat(40);
    private static final Response PAGE = response(200)
            .cacheControl("max-age=60")
            .header("Content-Type", "text/html")
            .header("Content-Length", Integer.toString(TEXT.length()))
            .header("ETag", "\"x\"");

    private final ManualClock clock = ManualClock.atNoon();
    private final Reversing rev = new Reversing();
    private final Client client = client(rule("text").compress(rev, ContentCoding.GZIP));
    private final ScriptedOrigin origin = client.origin();

    /** A coding that inverts each byte, and counts the bodies whose memory is not released. */
    private static final class Reversing implements ContentCoding {
        private int open;

        @Override
        public String token() {
            return "rev";
        }

        @Override
        public OutputStream encode(OutputStream to) {
            open++;
            return new FilterOutputStream(to) {
                @Override
                public void write(int b) throws IOException {
                    out.write(~b);
                }

                @Override
                public void close() throws IOException {
                    super.close();
                    open--;
                }
            };
        }

        static String decoded(byte[] bytes) {
            byte[] plain = new byte[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                plain[i] = (byte) ~bytes[i];
            }
            return new String(plain, StandardCharsets.UTF_8);
        }
    }

    private Client client(Rule... rules) {
        return new Client(HttpCache.builder()
                .policy(Policy.rfc9111())
                .clock(clock)
                .executor(Runnable::run)
                .rules(Rules.of(rules))
                .build());
    }

    private static Request accepting(String codings) {
        return get().header("Accept-Encoding", codings);
    }

    private static byte[] bytes(Received received) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        Content content = received.answer().join().content();
        for (Chunk chunk = content.read(); chunk != null && !chunk.isEnd(); chunk = content.read()) {
            ByteBuffer bytes = chunk.copy();
            all.write(bytes.array(), 0, bytes.remaining());
            chunk.release();
        }
        return all.toByteArray();
    }

    private static String gunzipped(byte[] bytes) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (InputStream plain = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            for (int b = plain.read(); b >= 0; b = plain.read()) {
                text.write(b);
            }
        } catch (EOFException incomplete) {
            text.write('…');
        }
        return text.toString(StandardCharsets.ISO_8859_1);
    }

    @Test
    void text_is_stored_in_its_coded_form() throws IOException {
        Received miss = client.send(accepting("gzip, deflate"), PAGE, TEXT);
        assertThat(origin.last().request().headers().all("Accept-Encoding")).containsExactly("gzip");
        assertThat(miss.header("Content-Encoding")).isEqualTo("gzip");
        assertThat(miss.header("Content-Length")).isNull();
        assertThat(miss.header("ETag")).isEqualTo("W/\"x\"");
        assertThat(miss.header("Vary")).isEqualTo("Accept-Encoding");
        byte[] sent = bytes(miss);
        assertThat(gunzipped(sent)).isEqualTo(TEXT);
        Received hit = client.send(accepting("deflate;q=0.5, gzip;q=0.9"));
        assertThat(hit.header("X-Cache")).isEqualTo("HIT");
        assertThat(hit.header("Content-Length")).isEqualTo(Integer.toString(sent.length));
        assertThat(bytes(hit)).isEqualTo(sent);
        assertThat(sent).hasSizeLessThan(TEXT.length() / 5);
        assertThat(client.cache().hit(client.cache().resolve(accepting("gzip").head(), null)))
                .isNotNull();
    }

    @Test
    void each_coding_is_stored_once() throws IOException {
        origin.answers(PAGE, TEXT);
        assertThat(gunzipped(bytes(client.send(accepting("gzip"))))).isEqualTo(TEXT);
        assertThat(Reversing.decoded(bytes(client.send(accepting("gzip, rev")))))
                .isEqualTo(TEXT);
        client.send(get()).assertMiss(TEXT);
        assertThat(origin.requests()).isEqualTo(3);
        assertThat(gunzipped(bytes(client.send(accepting("br, gzip"))))).isEqualTo(TEXT);
        assertThat(Reversing.decoded(bytes(client.send(accepting("*"))))).isEqualTo(TEXT);
        Received plain = client.send(accepting("br"));
        plain.assertHit(TEXT);
        assertThat(plain.header("ETag")).isEqualTo("\"x\"");
        assertThat(plain.header("Content-Encoding")).isNull();
        assertThat(plain.header("Vary")).isEqualTo("Accept-Encoding");
        assertThat(origin.requests()).isEqualTo(3);
        assertThat(rev.open).isZero();
    }

    @Test
    void concurrent_misses_make_one_request_for_each_coding() throws IOException {
        Received gzip = client.send(accepting("gzip"));
        Received gzipToo = client.send(accepting("gzip, deflate"));
        Received reversed = client.send(accepting("rev"));
        Received reversedToo = client.send(accepting("rev, gzip"));
        assertThat(origin.requests()).isEqualTo(1);
        origin.last().head(PAGE);
        assertThat(origin.requests()).isEqualTo(2);
        origin.call(0).body(TEXT).complete();
        origin.call(1).answer(PAGE, TEXT);
        assertThat(gunzipped(bytes(gzip))).isEqualTo(TEXT);
        assertThat(gunzipped(bytes(gzipToo))).isEqualTo(TEXT);
        assertThat(Reversing.decoded(bytes(reversed))).isEqualTo(TEXT);
        assertThat(Reversing.decoded(bytes(reversedToo))).isEqualTo(TEXT);
        assertThat(gzipToo.header("Cache-Status")).contains("; collapsed");
        assertThat(origin.requests()).isEqualTo(2);
    }

    @Test
    void the_pieces_of_a_slow_origin_reach_the_client_at_once() throws IOException {
        Received received = client.send(accepting("gzip"));
        origin.last()
                .head(response(200).cacheControl("no-store").header("Content-Type", "text/plain"))
                .body("one ");
        byte[] first = bytes(received);
        assertThat(gunzipped(first)).startsWith("one ");
        origin.last().body("two").complete();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(first);
        all.write(bytes(received));
        assertThat(gunzipped(all.toByteArray())).isEqualTo("one two");
        assertThat(received.isWhole()).isTrue();
    }

    @Test
    void an_empty_body_of_unknown_length_is_a_valid_coded_one() throws IOException {
        Received received = client.send(accepting("gzip"));
        origin.last().head(response(200).header("Content-Type", "text/plain")).complete();
        assertThat(gunzipped(bytes(received))).isEmpty();
        assertThat(received.isWhole()).isTrue();
    }

    @Test
    void what_is_encoded_or_must_not_be_transformed_is_relayed_as_it_is() {
        Received encoded = client.send(accepting("rev"), PAGE.header("Content-Encoding", "br"), TEXT);
        encoded.assertMiss(TEXT);
        assertThat(encoded.header("ETag")).isEqualTo("\"x\"");
        assertThat(encoded.header("Vary")).isEqualTo("Accept-Encoding");
        client.send(get("/a").header("Accept-Encoding", "rev"), PAGE.cacheControl("no-transform"), TEXT)
                .assertMiss(TEXT);
        client.send(get("/b").header("Accept-Encoding", "rev").cacheControl("no-transform"), PAGE, TEXT)
                .assertMiss(TEXT);
    }

    @Test
    void a_head_request_gets_the_fields_of_the_coded_response() throws IOException {
        Received head = client.send(request("HEAD").header("Accept-Encoding", "gzip"));
        origin.last().head(PAGE).complete();
        assertThat(head.header("Content-Encoding")).isEqualTo("gzip");
        assertThat(head.header("ETag")).isEqualTo("W/\"x\"");
        assertThat(head.header("Content-Length")).isNull();
        assertThat(bytes(head)).isEmpty();
        client.send(accepting("gzip"), PAGE, TEXT);
        Received hit = client.send(request("HEAD").header("Accept-Encoding", "gzip"));
        assertThat(hit.header("X-Cache")).isEqualTo("HIT");
        assertThat(bytes(hit)).isEmpty();
    }

    @Test
    void a_client_with_the_weak_tag_gets_a_304_from_the_store() {
        client.send(accepting("gzip"), PAGE, TEXT);
        Received same = client.send(accepting("gzip").header("If-None-Match", "W/\"x\""));
        assertThat(same.status()).isEqualTo(304);
        assertThat(same.header("ETag")).isEqualTo("W/\"x\"");
        assertThat(same.header("Vary")).isEqualTo("Accept-Encoding");
        assertThat(origin.requests()).isEqualTo(1);
    }

    // RFC 9111 §4.3.4: the 304 is about the response before encoding
    @Test
    void a_304_of_the_origin_keeps_the_coded_response_with_its_weak_tag() throws IOException {
        client.send(accepting("gzip"), PAGE, TEXT);
        clock.advance(61);
        Received validated = client.send(accepting("gzip"));
        assertThat(origin.last().request().headers().first("If-None-Match")).isEqualTo("W/\"x\"");
        origin.last()
                .head(response(304)
                        .cacheControl("max-age=60")
                        .header("ETag", "\"x\"")
                        .header("Vary", "Accept-Language")
                        .header("Accept-Ranges", "bytes")
                        .header("Repr-Digest", "sha-256=:x:"))
                .complete();
        assertThat(gunzipped(bytes(validated))).isEqualTo(TEXT);
        Received hit = client.send(accepting("gzip"));
        assertThat(hit.header("X-Cache")).isEqualTo("HIT");
        assertThat(hit.header("ETag")).isEqualTo("W/\"x\"");
        assertThat(hit.header("Vary")).isEqualTo("Accept-Language, Accept-Encoding");
        assertThat(hit.header("Accept-Ranges")).isNull();
        assertThat(hit.header("Repr-Digest")).isNull();
        assertThat(gunzipped(bytes(hit))).isEqualTo(TEXT);
        assertThat(client.send(get()).isWaiting()).isTrue();
    }

    // RFC 9111 §5.2.2.6
    @Test
    void a_304_that_forbids_transformation_removes_the_coded_response() {
        client.send(accepting("gzip"), PAGE, TEXT);
        clock.advance(61);
        client.send(accepting("gzip"));
        origin.last()
                .head(response(304).cacheControl("max-age=60, no-transform").header("ETag", "\"x\""))
                .complete();
        Received next = client.send(accepting("gzip"), PAGE.cacheControl("max-age=60, no-transform"), TEXT);
        assertThat(origin.last().request().headers().contains("If-None-Match")).isFalse();
        next.assertMiss(TEXT);
        assertThat(next.header("Content-Encoding")).isNull();
        client.send(accepting("gzip")).assertHit(TEXT);
        clock.advance(61);
        Received validated = client.send(accepting("gzip"));
        origin.last()
                .head(response(304).cacheControl("max-age=60, no-transform").header("ETag", "\"x\""))
                .complete();
        assertThat(validated.text()).isEqualTo(TEXT);
        client.send(accepting("gzip")).assertHit(TEXT);
    }

    @Test
    void a_head_response_that_forbids_transformation_removes_the_coded_response() {
        client.send(accepting("gzip"), PAGE, TEXT);
        clock.advance(61);
        client.send(request("HEAD").header("Accept-Encoding", "gzip"));
        origin.last()
                .head(response(200).cacheControl("max-age=60, no-transform").header("Content-Type", "text/html"))
                .complete();
        assertThat(client.send(accepting("gzip")).isWaiting()).isTrue();
    }

    @Test
    void a_304_of_the_origin_keeps_the_response_without_coding_from_clients_with_one() {
        client.send(get(), PAGE, TEXT);
        clock.advance(61);
        client.send(get());
        origin.last()
                .head(response(304)
                        .cacheControl("max-age=60")
                        .header("ETag", "\"x\"")
                        .header("Vary", "Origin"))
                .complete();
        client.send(get()).assertHit(TEXT);
        assertThat(client.send(accepting("gzip")).isWaiting()).isTrue();
    }

    @Test
    void a_range_is_one_of_the_bytes_without_coding() throws IOException {
        client.send(accepting("gzip"), PAGE, TEXT);
        Request range = accepting("gzip").header("Range", "bytes=0-9");
        Received part = client.send(range);
        assertThat(origin.last().request().headers().first("Accept-Encoding")).isEqualTo("identity");
        origin.last()
                .head(response(206)
                        .cacheControl("max-age=60")
                        .header("Content-Type", "text/html")
                        .header("Content-Range", "bytes 0-9/" + TEXT.length())
                        .header("Content-Length", "10")
                        .header("ETag", "\"x\""))
                .body(TEXT.substring(0, 10))
                .complete();
        part.assertAnswered(206, TEXT.substring(0, 10));
        assertThat(part.header("Content-Encoding")).isNull();
        assertThat(part.header("Vary")).isEqualTo("Accept-Encoding");
        assertThat(gunzipped(bytes(client.send(accepting("gzip"))))).isEqualTo(TEXT);
        Received whole = client.send(get());
        assertThat(origin.last().request().headers().first("Range")).isEqualTo("bytes=10-");
        origin.last()
                .head(response(206)
                        .cacheControl("max-age=60")
                        .header("Content-Type", "text/html")
                        .header("Content-Range", "bytes 10-" + (TEXT.length() - 1) + "/" + TEXT.length())
                        .header("ETag", "\"x\""))
                .body(TEXT.substring(10))
                .complete();
        whole.assertAnswered(200, TEXT);
    }

    @Test
    void a_fetch_without_readers_ends_when_the_origin_has_sent_more_than_may_be_stored() throws IOException {
        Response page = response(200).cacheControl("max-age=60").header("Content-Type", "text/html");
        Client other = client(rule("text").compress(ContentCoding.GZIP).maxObjectBytes(3L * TEXT.length()));
        Received left = other.send(accepting("gzip"));
        ScriptedOrigin.Call call = other.origin().last();
        call.head(page).body(TEXT);
        left.cancel();
        call.body(TEXT).body(TEXT);
        assertThat(call.aborted()).isFalse();
        call.body(TEXT);
        assertThat(call.aborted()).isTrue();
        Received read = other.send(accepting("gzip"));
        other.origin().last().head(page).body(TEXT.repeat(5)).complete();
        assertThat(gunzipped(bytes(read))).isEqualTo(TEXT.repeat(5));
        assertThat(other.send(accepting("gzip")).header("X-Cache")).isEqualTo("HIT");
    }

    @Test
    void a_truncated_response_is_a_failure_and_not_stored() throws IOException {
        Received received = client.send(accepting("rev"));
        origin.last().head(PAGE).body("short").complete();
        assertThat(received.isWhole()).isFalse();
        assertThat(rev.open).isZero();
        assertThat(client.send(accepting("rev")).isWaiting()).isTrue();
    }

    @Test
    void a_failure_of_the_origin_releases_the_encoder() {
        client.send(accepting("rev"));
        origin.last().head(PAGE).body("a");
        assertThat(rev.open).isEqualTo(1);
        origin.last().fail(Kind.TIMEOUT);
        assertThat(rev.open).isZero();
    }

    @Test
    void a_client_that_leaves_releases_the_encoder() {
        Received received = client.send(accepting("rev"));
        origin.last()
                .head(response(200).cacheControl("no-store").header("Content-Type", "text/plain"))
                .body("a");
        assertThat(rev.open).isEqualTo(1);
        received.cancel();
        assertThat(origin.last().aborted()).isTrue();
        assertThat(rev.open).isZero();
    }

    @Test
    void responses_are_not_encoded_while_encoders_take_the_memory_for_bodies_in_flight() throws IOException {
        BodyMemory memory = client.cache().store().memory();
        long encoders = memory.bytes() / 2 / rev.memory();
        List<ScriptedOrigin.Call> open = new ArrayList<>();
        for (int i = 0; i < encoders; i++) {
            client.send(get("/" + i).header("Accept-Encoding", "rev"));
            origin.last().head(response(200).cacheControl("no-store").header("Content-Type", "text/plain"));
            open.add(origin.last());
        }
        assertThat(memory.transientBytes()).isBetween(encoders * rev.memory(), memory.bytes() / 2);
        Received plain = client.send(accepting("rev"), PAGE, TEXT);
        plain.assertMiss(TEXT);
        assertThat(plain.header("Content-Encoding")).isNull();
        assertThat(plain.header("Vary")).isEqualTo("Accept-Encoding");
        open.forEach(ScriptedOrigin.Call::complete);
        Received encoded = client.send(get("/later").header("Accept-Encoding", "rev"), PAGE, TEXT);
        assertThat(encoded.header("Content-Encoding")).isEqualTo("rev");
        assertThat(Reversing.decoded(bytes(encoded))).isEqualTo(TEXT);
    }

    @Test
    void an_encoder_returns_its_memory_however_its_response_ends() throws IOException {
        BodyMemory memory = client.cache().store().memory();
        Response page = response(200).cacheControl("no-store").header("Content-Type", "text/plain");
        client.send(accepting("rev"));
        origin.last().head(page).fail(Kind.TIMEOUT);
        client.send(accepting("rev"));
        origin.last().head(page).body("a").fail(Kind.TIMEOUT);
        bytes(client.send(accepting("rev"), page, "whole"));
        Received left = client.send(accepting("rev"));
        origin.last().head(page).body("a");
        left.cancel();
        bytes(client.send(accepting("rev"), PAGE.cacheControl("max-age=1, stale-if-error=60"), TEXT));
        clock.advance(Duration.ofSeconds(2));
        Received stale = client.send(accepting("rev"), response(503).header("Content-Type", "text/plain"), TEXT);
        assertThat(stale.status()).isEqualTo(200);
        assertThat(Reversing.decoded(bytes(stale))).isEqualTo(TEXT);
        assertThat(memory.transientBytes()).isZero();
    }

    @Test
    void a_purge_of_the_url_removes_all_codings() {
        origin.answers(PAGE, TEXT);
        client.send(accepting("gzip"));
        client.send(accepting("rev"));
        client.send(get());
        client.cache().purge(java.net.URI.create(get().target().url()));
        client.send(accepting("gzip"));
        client.send(accepting("rev"));
        client.send(get());
        assertThat(origin.requests()).isEqualTo(6);
    }

    @Test
    void a_later_rule_without_codings_cancels_the_setting() {
        Client other = client(
                rule("all").compress(ContentCoding.GZIP),
                rule("plain").path("/plain/**").compress());
        Request plain = get("/plain/a").header("Accept-Encoding", "gzip, br");
        Received received = other.send(plain, PAGE, TEXT);
        received.assertMiss(TEXT);
        assertThat(received.header("Vary")).isNull();
        assertThat(other.origin().last().request().headers().first("Accept-Encoding"))
                .isEqualTo("gzip, br");
    }

    @Test
    void an_origin_that_gets_no_accept_encoding_leaves_the_compression_to_the_cache() throws IOException {
        Client other = client(rule("text").compress(ContentCoding.GZIP).removeRequestHeader("Accept-Encoding"));
        Received received = other.send(accepting("gzip"), PAGE, TEXT);
        assertThat(other.origin().last().request().headers().contains("Accept-Encoding"))
                .isFalse();
        assertThat(gunzipped(bytes(received))).isEqualTo(TEXT);
        assertThat(gunzipped(bytes(other.send(accepting("gzip"))))).isEqualTo(TEXT);
        assertThat(other.send(get()).isWaiting()).isTrue();
    }

    @Test
    void responses_whose_vary_is_ignored_are_not_compressed() {
        Client other = client(
                rule("all").compress(ContentCoding.GZIP),
                rule("pages").contentType("text/html").ignore(Ignored.VARY));
        other.send(accepting("gzip"), PAGE, TEXT).assertMiss(TEXT);
        other.send(get()).assertHit(TEXT);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> client(rule("a").compress(ContentCoding.GZIP).ignore(Ignored.VARY)))
                .withMessage("rule \"a\" sets compress, which has no effect with ignore: vary: remove one of them");
    }

    @Test
    void rules_leave_the_fields_of_a_compressed_response_as_its_body_needs_them() throws IOException {
        Client other = client(
                rule("text").compress(rev),
                rule("fewer fields").removeResponseHeader("Content-Encoding").removeResponseHeader("Vary"),
                rule("other origins").path("/a").setResponseHeader("Vary", "Origin"));
        Received miss = other.send(accepting("rev"), PAGE, TEXT);
        Received hit = other.send(accepting("rev"));
        for (Received received : List.of(miss, hit)) {
            assertThat(received.header("Content-Encoding")).isEqualTo("rev");
            assertThat(received.header("Vary")).isEqualTo("Accept-Encoding");
            assertThat(Reversing.decoded(bytes(received))).isEqualTo(TEXT);
        }
        assertThat(hit.header("X-Cache")).isEqualTo("HIT");
        Received same = other.send(accepting("rev").header("If-None-Match", "W/\"x\""));
        assertThat(same.status()).isEqualTo(304);
        assertThat(same.header("Content-Encoding")).isNull();
        assertThat(same.header("Vary")).isEqualTo("Accept-Encoding");
        Received plain = other.send(get(), PAGE, TEXT);
        plain.assertMiss(TEXT);
        assertThat(plain.header("Vary")).isEqualTo("Accept-Encoding");
        Request second = get("/a").header("Accept-Encoding", "rev");
        assertThat(other.send(second, PAGE, TEXT).header("Vary")).isEqualTo("Origin, Accept-Encoding");
        assertThat(other.send(second).header("Vary")).isEqualTo("Origin, Accept-Encoding");
    }

    @Test
    void an_entity_tag_that_a_rule_sets_is_weak_on_a_compressed_response() {
        Client other = client(rule("text").compress(rev).setResponseHeader("ETag", "\"v1\""));
        assertThat(other.send(accepting("rev"), PAGE, TEXT).header("ETag")).isEqualTo("W/\"v1\"");
        assertThat(other.send(accepting("rev")).header("ETag")).isEqualTo("W/\"v1\"");
        assertThat(other.send(get(), PAGE, TEXT).header("ETag")).isEqualTo("\"v1\"");
        Client removing = client(rule("text").compress(rev).removeResponseHeader("ETag"));
        assertThat(removing.send(accepting("rev"), PAGE, TEXT).header("ETag")).isNull();
    }

    @Test
    void a_response_whose_content_encoding_a_rule_sets_is_not_compressed() {
        Client other = client(
                rule("text").compress(rev),
                rule("compressed files").path("/*.svgz").setResponseHeader("Content-Encoding", "gzip"));
        Request file = get("/a.svgz").header("Accept-Encoding", "gzip, rev");
        for (Received received : List.of(other.send(file, PAGE, TEXT), other.send(file))) {
            assertThat(received.header("Content-Encoding")).isEqualTo("gzip");
            assertThat(received.header("ETag")).isEqualTo("\"x\"");
            assertThat(received.header("Vary")).isNull();
            assertThat(received.text()).isEqualTo(TEXT);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> client(rule("a").compress(rev).addResponseHeader("content-encoding", "gzip")))
                .withMessage(
                        "rule \"a\" sets compress, which has no effect where response-headers set Content-Encoding:"
                                + " remove one of them");
        client(rule("a").compress().setResponseHeader("Content-Encoding", "gzip"));
    }

    @Test
    void a_filter_whose_servlet_writes_to_the_client_does_not_compress() {
        Step step = client.cache()
                .open(client.cache().resolve(accepting("gzip, br").head(), null))
                .toCompletableFuture()
                .join();
        Exchange exchange = ((Step.Forward) step).exchange();
        assertThat(exchange.forward().headers().first("Accept-Encoding")).isEqualTo("gzip, br");
        exchange.onHead(PAGE.head());
        assertThat(exchange.relayed().headers().contains("Content-Encoding")).isFalse();
        exchange.onFailure(new OriginException(Kind.CLIENT, "over", null));
    }

    @Test
    void an_explanation_names_the_setting_and_the_decision_about_the_coded_response() {
        Explanation explanation = client.cache()
                .explain(accepting("gzip").head(), null, PAGE.head())
                .toCompletableFuture()
                .join();
        assertThat(explanation.rules().get(0).settings()).containsEntry("compress", "[rev, gzip]");
        assertThat(explanation.storage().result()).isEqualTo(Explanation.Result.STORED);
    }
}
