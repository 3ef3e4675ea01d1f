/**
 * The cache as a library. Exported packages are the API for applications; packages that are exported to the proxy only, or
 * not at all, may change at any time.
 *
 * <p>Redisson and Resilience4j are needed by {@code RedisStore} only, Micrometer by the package {@code metrics} only.
 */
@SuppressWarnings({"module", "requires-automatic"})
module io.cachingproxy {
    requires static org.jspecify;
    requires transitive java.net.http;
    requires java.management;
    requires jdk.management;
    requires org.slf4j;
    requires com.github.benmanes.caffeine;
    requires structured.fields;
    requires re2j;
    requires static redisson;
    requires static micrometer.core;
    requires static io.github.resilience4j.circuitbreaker;

    exports io.cachingproxy;
    exports io.cachingproxy.client;
    exports io.cachingproxy.coding;
    exports io.cachingproxy.http;
    exports io.cachingproxy.key;
    exports io.cachingproxy.metrics;
    exports io.cachingproxy.policy;
    exports io.cachingproxy.rules;
    exports io.cachingproxy.store;
    exports io.cachingproxy.store.redis;
    exports io.cachingproxy.http.fields to
            io.cachingproxy.jetty;
    exports io.cachingproxy.http.syntax to
            io.cachingproxy.jetty;
}
