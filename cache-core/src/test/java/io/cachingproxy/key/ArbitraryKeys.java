package io.cachingproxy.key;

import io.cachingproxy.http.Target;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ArbitrarySupplier;
import net.jqwik.api.Combinators;

/**
 * Keys of few different characters, among them those that separate the parts: so that a collision or a wrong split would be
 * found.
 */
public final class ArbitraryKeys implements ArbitrarySupplier<CacheKey> {
    @Override
    public Arbitrary<CacheKey> get() {
        Arbitrary<String> authority =
                Arbitraries.strings().withChars("a:1").ofMinLength(1).ofMaxLength(3);
        Arbitrary<String> path = Arbitraries.strings()
                .withChars("/a:?1é\ud800\udc00")
                .ofMaxLength(4)
                .map(rest -> "/" + rest);
        return Combinators.combine(
                        Arbitraries.of("GET", "QUERY", "G"),
                        Arbitraries.of("http", "https"),
                        authority,
                        path,
                        Arbitraries.of("00", "01", "a").injectNull(0.3),
                        Arbitraries.strings()
                                .withChars("+a \n\ud800")
                                .ofMaxLength(3)
                                .injectNull(0.5))
                .as((method, scheme, host, rest, digest, parts) ->
                        new CacheKey(method, new Target(scheme, host, rest), digest, parts));
    }
}
