package io.cachingproxy.attack;

import static io.cachingproxy.rules.Site.site;

import io.cachingproxy.HttpCache;
import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.rules.Rule;
import io.cachingproxy.rules.Sites;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;

/** A proxy with two origins and one site for all hosts, whose rules each test chooses. */
abstract class RuledAttack extends Attack {
    HttpCache cache;
    RecordingOrigin second;

    @Override
    ProxyServer.Builder configured(ProxyServer.Builder builder) {
        try {
            second = new RecordingOrigin();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        cache = HttpCache.builder().store(store).clock(clock).build();
        return builder.cache(cache)
                .origin("first", origin.uri())
                .origin("second", second.uri())
                .trustedPeers(AddressRanges.parse("127.0.0.0/8"))
                .purgeFrom(AddressRanges.parse("127.0.0.0/8"));
    }

    @AfterEach
    void stopSecond() throws IOException {
        second.close();
    }

    void rules(Rule... rules) {
        cache.sites(Sites.of(site("all", "*").origin("first").rules(rules)));
    }

    static String response(String fields, String body) {
        return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    static String to(String host, String target, String... lines) {
        return get(target, lines).replace("Host: proxy", "Host: " + host);
    }
}
