package io.cachingproxy.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.HttpCache;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.redis.RedisStore;
import io.cachingproxy.testkit.RedisBinary;
import io.cachingproxy.testkit.RedisProcess;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ApplicationContext;

/** The shared store of an application, on a real Redis. */
class RedisInSpringTest {
    private static RedisProcess redis;

    private final WebApplicationContextRunner application = new WebApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(CachingProxyAutoConfiguration.class))
            .withPropertyValues("caching-proxy.enabled=true");

    @BeforeAll
    static void start() {
        redis = RedisProcess.start(RedisBinary.EMBEDDED);
    }

    @AfterAll
    static void stop() throws Exception {
        redis.close();
    }

    private static void assertOnRedis(ApplicationContext context) {
        RedisStore store = (RedisStore) context.getBean(HttpCache.class).store();
        await().atMost(Duration.ofSeconds(20)).until(store::isReady);
    }

    @Test
    void a_url_makes_a_client_of_the_cache() {
        application
                .withPropertyValues("caching-proxy.redis.url=" + redis.url(), "caching-proxy.redis.prefix=shop")
                .run(RedisInSpringTest::assertOnRedis);
    }

    @Test
    void metrics_measure_the_store_where_micrometer_is() {
        application.withPropertyValues("caching-proxy.redis.url=" + redis.url()).run(context -> {
            assertOnRedis(context);
            SimpleMeterRegistry registry = new SimpleMeterRegistry();
            context.getBean("redisStoreMetrics", MeterBinder.class).bindTo(registry);
            assertThat(registry.get("redis.available").gauge().value()).isEqualTo(1);
        });
        application.run(context -> {
            SimpleMeterRegistry registry = new SimpleMeterRegistry();
            context.getBean("redisStoreMetrics", MeterBinder.class).bindTo(registry);
            assertThat(registry.getMeters()).isEmpty();
        });
        application
                .withClassLoader(new FilteredClassLoader("io.micrometer"))
                .run(context -> assertThat(context).doesNotHaveBean("redisStoreMetrics"));
        application
                .withClassLoader(new FilteredClassLoader("io.github.resilience4j", "org.redisson"))
                .run(context -> assertThat(context).doesNotHaveBean("redisStoreMetrics"));
    }

    @Test
    void a_client_of_the_application_is_used_unless_that_is_switched_off() {
        WebApplicationContextRunner withClient = application.withBean(
                RedissonClient.class, RedisInSpringTest::client, bean -> bean.setDestroyMethodName("shutdown"));
        withClient.run(context -> {
            assertOnRedis(context);
            context.getBean(HttpCache.class).close();
            assertThat(context.getBean(RedissonClient.class).isShutdown()).isFalse();
        });
        withClient
                .withPropertyValues("caching-proxy.redis.enabled=false")
                .run(context ->
                        assertThat(context.getBean(HttpCache.class).store()).isInstanceOf(MemoryStore.class));
    }

    private static RedissonClient client() {
        Config config = new Config();
        config.useSingleServer().setAddress(redis.url());
        return Redisson.create(config);
    }
}
