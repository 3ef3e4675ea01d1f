package io.cachingproxy.spring;

import io.cachingproxy.CacheListener;
import io.cachingproxy.HttpCache;
import io.cachingproxy.metrics.HttpCacheMetrics;
import io.cachingproxy.metrics.RedisStoreMetrics;
import io.cachingproxy.servlet.CachingFilter;
import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.redis.RedisStore;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Puts a {@link CachingFilter} in front of a servlet application, if {@code caching-proxy.enabled} is true. An {@link
 * HttpCache} bean of the application takes the place of the one that is made here, and so does a {@link CachingFilter}, or
 * a registration of one.
 */
@AutoConfiguration
@ConditionalOnClass({Filter.class, FilterRegistrationBean.class})
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnProperty(prefix = "caching-proxy", name = "enabled", havingValue = "true")
@EnableConfigurationProperties(CachingProxyProperties.class)
public class CachingProxyAutoConfiguration {
    /**
     * Checks the names of the properties.
     *
     * @throws InvalidConfigurationPropertyValueException if a property does not exist
     */
    public CachingProxyAutoConfiguration(Environment environment) {
        KnownProperties.check(environment);
    }

    /** The cache; beans of type {@link CacheListener} receive its events. */
    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    public HttpCache httpCache(
            CachingProxyProperties properties,
            ConfigurableListableBeanFactory beans,
            ObjectProvider<CacheListener> listeners,
            ObjectProvider<HttpCacheCustomizer> customizers) {
        HttpCache.Builder builder = HttpCache.builder()
                .policy(properties.cachePolicy())
                .rules(RuleProperties.rules(properties.rules()))
                .maxObjectBytes(properties.maxObjectSize().toBytes());
        builder.store(store(builder, properties, beans));
        listeners.orderedStream().forEach(builder::listener);
        customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
        return builder.build();
    }

    private static CacheStore store(
            HttpCache.Builder builder, CachingProxyProperties properties, ConfigurableListableBeanFactory beans) {
        if (RedisStores.areAvailable(beans.getBeanClassLoader())) {
            RedisStore store = RedisStores.open(properties, beans);
            if (store != null) {
                builder.leases(store.leases());
                return store;
            }
        } else if (properties.redis().url() != null) {
            throw RedisStores.missing(properties.redis().url());
        }
        return new MemoryStore(
                properties.memoryBytes(), properties.maxObjectSize().toBytes());
    }

    /** The registration of the filter, for all paths and for the dispatcher types REQUEST and ASYNC. */
    @Bean
    @ConditionalOnMissingBean(value = CachingFilter.class, parameterizedContainer = FilterRegistrationBean.class)
    public FilterRegistrationBean<CachingFilter> cachingFilterRegistration(
            HttpCache cache, CachingProxyProperties properties, ObjectProvider<CachingFilterCustomizer> customizers) {
        CachingFilter.Builder builder = CachingFilter.builder(cache)
                .include(array(properties.include()))
                .exclude(array(properties.exclude()));
        customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
        FilterRegistrationBean<CachingFilter> registration = new FilterRegistrationBean<>(builder.build());
        registration.setName("cachingFilter");
        registration.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ASYNC);
        registration.setAsyncSupported(true);
        registration.setOrder(properties.order());
        registration.addUrlPatterns("/*");
        return registration;
    }

    private static String[] array(List<String> values) {
        return values.toArray(String[]::new);
    }

    /** Metrics, where there is Micrometer: Spring Boot binds each {@link MeterBinder} to the registries. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MeterBinder.class)
    static class MetricsConfiguration {
        @Bean
        @ConditionalOnMissingBean
        HttpCacheMetrics httpCacheMetrics(CachingProxyProperties properties) {
            return new HttpCacheMetrics(properties.metrics().prefix(), List.of());
        }

        @Bean
        SmartInitializingSingleton httpCacheSize(HttpCacheMetrics metrics, HttpCache cache) {
            return () -> metrics.of(cache);
        }
    }

    /** Metrics of a store in Redis, where there are Micrometer and Redisson. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(value = MeterBinder.class, name = RedisStores.REDISSON)
    static class RedisMetricsConfiguration {
        @Bean
        @ConditionalOnMissingBean(name = "redisStoreMetrics")
        MeterBinder redisStoreMetrics(HttpCache cache) {
            return registry -> {
                if (cache.store() instanceof RedisStore store) {
                    new RedisStoreMetrics(store).bindTo(registry);
                }
            };
        }
    }

    /** The paths of the actuator bypass the cache. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(PathMappedEndpoints.class)
    static class ActuatorConfiguration {
        @Bean
        CachingFilterCustomizer actuatorBypassesTheCache(
                ObjectProvider<PathMappedEndpoints> endpoints, Environment environment) {
            String servletPath = environment.getProperty("spring.mvc.servlet.path", "");
            return filter -> filter.bypass(new ActuatorRequests(endpoints, servletPath));
        }
    }

    /** The actuator endpoint {@code httpcache}. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({ConditionalOnAvailableEndpoint.class, MeterBinder.class})
    static class EndpointConfiguration {
        @Bean
        @ConditionalOnMissingBean
        @ConditionalOnAvailableEndpoint
        HttpCacheEndpoint httpCacheEndpoint(HttpCache cache, ObjectProvider<HttpCacheMetrics> metrics) {
            return new HttpCacheEndpoint(cache, metrics);
        }
    }
}
