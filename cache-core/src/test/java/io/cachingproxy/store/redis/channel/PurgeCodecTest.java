package io.cachingproxy.store.redis.channel;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachingproxy.http.Hosts;
import io.cachingproxy.http.Target;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.Purge.Scope;
import io.cachingproxy.store.bytes.ByteReader;
import io.cachingproxy.store.bytes.ByteWriter;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A purge that another node wrote is that purge or none. */
class PurgeCodecTest {
    private static final Instant LATER = Instant.ofEpochMilli(1_700_000_000_123L);

    static List<Purge> purges() {
        List<Purge> all = new ArrayList<>();
        for (Scope scope : List.of(
                new Scope.Url(new Target("http", "a:1", "/x?ä")),
                new Scope.Prefix("http://a/x"),
                new Scope.Tag("news"),
                new Scope.Tag("http://a", "news"),
                new Scope.Group("http://a", "news"),
                new Scope.Group(null, "news"),
                new Scope.All("http://a"),
                new Scope.OfHosts(Hosts.of(List.of("a", "*.a"), List.of("x.a")), new Scope.All()),
                new Scope.OfHosts(Hosts.of(List.of("*"), List.of("x.a")), new Scope.Tag("news")),
                new Scope.OfHosts(Hosts.of(List.of("a"), List.of()), new Scope.Group(null, "news")),
                new Scope.All())) {
            all.add(Purge.hard(scope));
            all.add(Purge.soft(scope, LATER));
            all.add(Purge.soft(scope, Instant.EPOCH));
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("purges")
    void a_purge_comes_back_as_it_was(Purge purge) {
        ByteWriter out = new ByteWriter();
        PurgeCodec.write(out, purge);
        assertThat(PurgeCodec.read(new ByteReader(ByteBuffer.wrap(out.bytes()))))
                .isEqualTo(purge);
    }

    @ParameterizedTest
    @MethodSource("purges")
    void a_field_and_its_value_say_purge_and_stamp(Purge purge) {
        byte[] value = ("12 " + PurgeCodec.value(purge)).getBytes(US_ASCII);
        assertThat(PurgeCodec.parse(PurgeCodec.field(purge), value)).isEqualTo(new PurgeCodec.Stamped(purge, 12));
    }

    @Test
    void of_a_scope_there_is_one_hard_and_one_soft_field() {
        Scope scope = new Scope.Tag("news");
        assertThat(PurgeCodec.field(Purge.soft(scope, LATER)))
                .isEqualTo(PurgeCodec.field(Purge.soft(scope, Instant.EPOCH)))
                .isNotEqualTo(PurgeCodec.field(Purge.hard(scope)));
        assertThat(PurgeCodec.field(Purge.hard(new Scope.Prefix("news"))))
                .isNotEqualTo(PurgeCodec.field(Purge.hard(scope)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "p", "p:", "q:", "x:\0\0", "pp", "cleared"})
    void a_field_of_another_kind_is_no_purge(String field) {
        assertThat(PurgeCodec.parse(field.getBytes(US_ASCII), "1 -".getBytes(US_ASCII)))
                .isNull();
    }

    @Test
    void a_value_that_contradicts_its_field_is_no_purge() {
        byte[] hard = PurgeCodec.field(Purge.hard(new Scope.All()));
        byte[] soft = PurgeCodec.field(Purge.soft(new Scope.All(), LATER));
        assertThat(PurgeCodec.parse(hard, "1 5".getBytes(US_ASCII))).isNull();
        assertThat(PurgeCodec.parse(soft, "1 -".getBytes(US_ASCII))).isNull();
        assertThat(PurgeCodec.parse(soft, "1".getBytes(US_ASCII))).isNull();
        assertThat(PurgeCodec.parse(soft, "1 5".getBytes(US_ASCII))).isNotNull();
    }

    @Test
    void what_was_cut_short_and_kinds_not_known_are_malformed() {
        for (Purge purge : purges()) {
            ByteWriter out = new ByteWriter();
            PurgeCodec.write(out, purge);
            for (int length = 0; length < out.length(); length++) {
                ByteReader cut = new ByteReader(ByteBuffer.wrap(out.bytes(), 0, length));
                assertThatThrownBy(() -> PurgeCodec.read(cut)).isInstanceOf(ByteReader.Malformed.class);
            }
        }
        ByteReader unknown = new ByteReader(
                ByteBuffer.wrap(new ByteWriter().number8(-1).number4('X').bytes()));
        assertThatThrownBy(() -> PurgeCodec.read(unknown)).isInstanceOf(ByteReader.Malformed.class);
    }
}
