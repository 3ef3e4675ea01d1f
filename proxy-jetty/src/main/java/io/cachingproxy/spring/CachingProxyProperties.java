package io.cachingproxy.spring;

import io.cachingproxy.policy.Policy;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.Ordered;
import org.springframework.util.unit.DataSize;

/**
 * Properties of the HTTP cache of the application. A property that is not one of these is an error at start ({@link
 * KnownProperties}).
 *
 * @param enabled Whether the cache is in front of the application.
 * @param policy Which responses are stored, where no rule says otherwise.
 * @param ttl Lifetime of responses without explicit freshness under the policy standard, and of all under the policy override.
 * @param memory Memory for stored responses; 256 MB, or an eighth of the heap if that is less, by default.
 * @param maxObjectSize Longest body that is stored.
 * @param include URL patterns of the paths that are cached, such as /products/* or *.css; all paths by default.
 * @param exclude URL patterns of paths that are never cached. The paths of the actuator never are.
 * @param order Order of the filter: after those that evaluate forwarded fields and observe requests, before sessions and
 *     security.
 * @param rules Rules for requests and responses that match; all that match apply, later ones win.
 * @param redis Redis, by which several instances of the application share one cache.
 * @param metrics Metrics, if there is Micrometer.
 */
@ConfigurationProperties("caching-proxy")
public record CachingProxyProperties(
        @DefaultValue("false") boolean enabled,
        @DefaultValue("application") PolicyName policy,
        @DefaultValue("300s") Duration ttl,
        @Nullable DataSize memory,
        @DefaultValue("32MB") DataSize maxObjectSize,
        @DefaultValue List<String> include,
        @DefaultValue List<String> exclude,
        @DefaultValue("" + DEFAULT_ORDER) int order,
        @DefaultValue List<RuleProperties> rules,
        @DefaultValue Redis redis,
        @DefaultValue Metrics metrics) {
    /**
     * Default order of the filter. Of the filters of Spring, it is behind ForwardedHeaderFilter and
     * ServerHttpObservationFilter, and in front of SessionRepositoryFilter (Spring Session) and Spring Security.
     */
    public static final int DEFAULT_ORDER = Ordered.HIGHEST_PRECEDENCE + 40;

    private static final long MOST_MEMORY = 256L << 20;

    /** The name of a {@link Policy}. */
    public enum PolicyName {
        /** RFC 9111; a response without explicit freshness is not stored. */
        APPLICATION,
        /** RFC 9111; a response without explicit freshness is kept for the property ttl. */
        STANDARD,
        /** RFC 9111 without deviations. */
        RFC9111,
        /** Every 200 to a GET is kept for the property ttl. */
        OVERRIDE
    }

    /**
     * Redis.
     *
     * @param enabled Whether Redis is used if the application has a RedissonClient. Has no effect on the property url.
     * @param url URL of Redis, such as redis://localhost:6379. Without it, a RedissonClient bean of the application is used.
     * @param prefix Prefix of all keys in Redis.
     */
    public record Redis(
            @DefaultValue("true") boolean enabled,
            @Nullable String url,
            @DefaultValue("cp") String prefix) {}

    /**
     * Metrics.
     *
     * @param prefix Beginning of the names of metrics. Another one than cache is needed if a Prometheus registry also has
     *     the metrics of Spring's caches.
     */
    public record Metrics(@DefaultValue("cache") String prefix) {}

    /** The policy of the cache. */
    Policy cachePolicy() {
        return switch (policy) {
            case APPLICATION -> Policy.application();
            case STANDARD -> Policy.standard(ttl);
            case RFC9111 -> Policy.rfc9111();
            case OVERRIDE -> Policy.override(ttl);
        };
    }

    /** The memory for stored responses, in bytes. */
    long memoryBytes() {
        return memory == null ? Math.min(MOST_MEMORY, Runtime.getRuntime().maxMemory() / 8) : memory.toBytes();
    }
}
