package io.cachingproxy.spring;

import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.redis.RedisStore;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RedissonClient;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.ClassUtils;

/** Redis as the store of the auto-configured cache. Loaded only if Redisson is there. */
final class RedisStores {
    static final String REDISSON = "org.redisson.Redisson";
    private static final String BREAKER = "io.github.resilience4j.circuitbreaker.CircuitBreaker";

    private RedisStores() {}

    /** Whether the libraries of the Redis store are there. */
    static boolean areAvailable(@Nullable ClassLoader loader) {
        return ClassUtils.isPresent(REDISSON, loader) && ClassUtils.isPresent(BREAKER, loader);
    }

    /** The error for a property {@code url} without the libraries. */
    static InvalidConfigurationPropertyValueException missing(String url) {
        return new InvalidConfigurationPropertyValueException(
                "caching-proxy.redis.url",
                url,
                "Redis needs org.redisson:redisson and io.github.resilience4j:resilience4j-circuitbreaker, which are optional"
                        + " dependencies: add both");
    }

    /** The store by the properties; null if they name no Redis, and the application has no client. */
    static @Nullable RedisStore open(CachingProxyProperties properties, ListableBeanFactory beans) {
        CachingProxyProperties.Redis redis = properties.redis();
        RedisStore.Builder builder;
        if (redis.url() != null) {
            builder = at(redis.url());
        } else if (redis.enabled()) {
            RedissonClient client = beans.getBeanProvider(RedissonClient.class).getIfUnique();
            if (client == null) {
                return null;
            }
            builder = RedisStore.over(client);
        } else {
            return null;
        }
        long object = properties.maxObjectSize().toBytes();
        return builder.prefix(redis.prefix())
                .near(new MemoryStore(properties.memoryBytes(), object))
                .maxObjectBytes(object)
                .open();
    }

    private static RedisStore.Builder at(String url) {
        try {
            return RedisStore.at(url);
        } catch (IllegalArgumentException wrong) {
            String reason = wrong.getMessage() == null ? "not a URL of Redis" : wrong.getMessage();
            throw new InvalidConfigurationPropertyValueException("caching-proxy.redis.url", "(not shown)", reason);
        }
    }
}
