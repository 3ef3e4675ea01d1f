package io.cachingproxy.spring;

import static io.cachingproxy.rules.Rule.rule;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.CacheListener;
import io.cachingproxy.HttpCache;
import io.cachingproxy.metrics.HttpCacheMetrics;
import io.cachingproxy.policy.Ignored;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.rules.Match;
import io.cachingproxy.rules.Rule;
import io.cachingproxy.rules.Rules;
import io.cachingproxy.rules.Setting;
import io.cachingproxy.servlet.CachingFilter;
import io.cachingproxy.store.MemoryStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.servlet.DispatcherType;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.core.Ordered;
import org.springframework.core.env.MapPropertySource;

class CachingProxyAutoConfigurationTest {
    private static final int SESSION = Integer.MIN_VALUE + 50;
    private static final int SECURITY = -100;

    private final WebApplicationContextRunner off = new WebApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(CachingProxyAutoConfiguration.class));

    private final WebApplicationContextRunner on = off.withPropertyValues("caching-proxy.enabled=true");

    @Test
    void spring_boot_finds_the_configuration() {
        assertThat(ImportCandidates.load(org.springframework.boot.autoconfigure.AutoConfiguration.class, null))
                .contains(CachingProxyAutoConfiguration.class.getName());
    }

    @Test
    void nothing_happens_until_it_is_enabled_in_a_servlet_application() {
        off.run(context -> assertThat(context).doesNotHaveBean(HttpCache.class));
        off.withPropertyValues("caching-proxy.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(HttpCache.class));
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(CachingProxyAutoConfiguration.class))
                .withPropertyValues("caching-proxy.enabled=true")
                .run(context -> assertThat(context).doesNotHaveBean(HttpCache.class));
    }

    @Test
    void the_filter_is_registered_for_requests_and_async_dispatches_in_front_of_sessions_and_security() {
        on.run(context -> {
            FilterRegistrationBean<?> registration = context.getBean(FilterRegistrationBean.class);
            assertThat(registration.getFilter()).isInstanceOf(CachingFilter.class);
            assertThat(registration.isAsyncSupported()).isTrue();
            assertThat(registration.getUrlPatterns()).containsExactly("/*");
            assertThat(registration.determineDispatcherTypes())
                    .isEqualTo(EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));
            assertThat(registration.getOrder())
                    .isGreaterThan(Ordered.HIGHEST_PRECEDENCE + 1)
                    .isLessThan(SESSION)
                    .isLessThan(SECURITY);
            HttpCache cache = context.getBean(HttpCache.class);
            assertThat(cache.store()).isInstanceOf(MemoryStore.class);
            assertThat(cache.sites().list().get(0).policy()).isEqualTo(Policy.application());
        });
    }

    @Test
    void the_default_memory_is_256_MiB_or_an_eighth_of_the_heap_if_that_is_less() {
        long eighth = Runtime.getRuntime().maxMemory() / 8;
        on.run(context -> assertThat(memory(context.getBean(HttpCache.class))).isEqualTo(Math.min(256L << 20, eighth)));
        on.withPropertyValues("caching-proxy.memory=3MB")
                .run(context ->
                        assertThat(memory(context.getBean(HttpCache.class))).isEqualTo(3L << 20));
    }

    private static long memory(HttpCache cache) {
        return ((MemoryStore) cache.store()).maxBytes();
    }

    @Test
    void policies_have_their_names_and_lifetime() {
        on.withPropertyValues("caching-proxy.policy=standard", "caching-proxy.ttl=10s")
                .run(context -> assertThat(policy(context.getBean(HttpCache.class)))
                        .isEqualTo(Policy.standard(Duration.ofSeconds(10))));
        on.withPropertyValues("caching-proxy.policy=rfc9111")
                .run(context ->
                        assertThat(policy(context.getBean(HttpCache.class))).isEqualTo(Policy.rfc9111()));
        on.withPropertyValues("caching-proxy.policy=override")
                .run(context -> assertThat(policy(context.getBean(HttpCache.class)))
                        .isEqualTo(Policy.override(Duration.ofSeconds(300))));
    }

    private static Policy policy(HttpCache cache) {
        return cache.sites().list().get(0).policy();
    }

    @Test
    void rules_have_the_conditions_and_settings_of_the_configuration_file() {
        on.withPropertyValues(
                        "caching-proxy.rules[0].name=products",
                        "caching-proxy.rules[0].match.path=/products/**.{html,json}",
                        "caching-proxy.rules[0].match.method=GET,HEAD",
                        "caching-proxy.rules[0].match.cookie.session=",
                        "caching-proxy.rules[0].match.header[X-Beta]=*",
                        "caching-proxy.rules[0].match.not.client=10.0.0.0/8",
                        "caching-proxy.rules[0].ttl=60s",
                        "caching-proxy.rules[0].browser-ttl=10s",
                        "caching-proxy.rules[0].stale-while-revalidate=30s",
                        "caching-proxy.rules[0].stale-if-error=1h",
                        "caching-proxy.rules[0].ignore=cookie,set-cookie",
                        "caching-proxy.rules[0].key.query.drop=utm_*,gclid",
                        "caching-proxy.rules[0].key.query.sort=true",
                        "caching-proxy.rules[0].key.headers=X-Tenant",
                        "caching-proxy.rules[0].tags=products",
                        "caching-proxy.rules[0].response-headers.set.X-Cached-By=us",
                        "caching-proxy.rules[0].max-object-size=1MB",
                        "caching-proxy.rules[1].match.status[0]=404",
                        "caching-proxy.rules[1].match.status[1]=410",
                        "caching-proxy.rules[1].ttl=30s")
                .run(context -> {
                    List<Rule> rules = context.getBean(HttpCache.class)
                            .sites()
                            .list()
                            .get(0)
                            .rules()
                            .list();
                    Rule products = rules.get(0);
                    assertThat(products.name()).isEqualTo("products");
                    assertThat(products.match())
                            .isEqualTo(Match.ALL
                                    .path("/products/**.{html,json}")
                                    .method("GET", "HEAD")
                                    .header("X-Beta", "*")
                                    .cookie("session", null)
                                    .not(Match.ALL.client("10.0.0.0/8")));
                    assertThat(products.sets())
                            .containsExactlyInAnyOrder(
                                    Setting.TTL,
                                    Setting.BROWSER_TTL,
                                    Setting.STALE_WHILE_REVALIDATE,
                                    Setting.STALE_IF_ERROR,
                                    Setting.IGNORE,
                                    Setting.KEY_QUERY,
                                    Setting.KEY_HEADERS,
                                    Setting.TAGS,
                                    Setting.RESPONSE_HEADERS,
                                    Setting.MAX_OBJECT_SIZE);
                    assertThat(rules.get(1).name()).isEqualTo("rule 2");
                    assertThat(rules.get(1).match()).isEqualTo(Match.ALL.status("404", "410"));
                });
    }

    @Test
    void every_name_of_a_setting_and_of_what_is_ignored_is_known() {
        for (Ignored each : Ignored.values()) {
            on.withPropertyValues("caching-proxy.rules[0].ttl=1s", "caching-proxy.rules[0].ignore=" + each.token())
                    .run(context -> assertThat(context).hasNotFailed());
        }
    }

    @Test
    void wrong_properties_fail_at_start_and_are_named() {
        on.withPropertyValues("caching-proxy.polcy=standard")
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .hasMessageContaining("caching-proxy.polcy"));
        for (String wrong : List.of(
                "caching-proxy.rules[0].tll",
                "caching-proxy.rules[0].match.pathh[0]",
                "caching-proxy.rules[0].match.any[1].not.kookie.a",
                "caching-proxy.rules[0].key.query.drops",
                "caching-proxy.ttl.seconds",
                "caching-proxy.redis.uri")) {
            on.withPropertyValues("caching-proxy.rules[0].ttl=1s", wrong + "=1")
                    .run(context -> assertThat(context.getStartupFailure())
                            .as(wrong)
                            .rootCause()
                            .isInstanceOfSatisfying(
                                    InvalidConfigurationPropertyValueException.class,
                                    failure -> assertThat(failure.getName()).isEqualTo(wrong)));
        }
        on.withPropertyValues("caching-proxy.rules[0].name=x", "caching-proxy.rules[0].match.path=products")
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .hasMessageContaining("caching-proxy.rules[0]"));
        on.withPropertyValues("caching-proxy.rules[0].name=nothing")
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .hasMessageContaining("caching-proxy.rules"));
        on.withPropertyValues("caching-proxy.include=products")
                .run(context ->
                        assertThat(context.getStartupFailure()).rootCause().hasMessageContaining("not a URL pattern"));
        on.withPropertyValues("caching-proxy.redis.url=http://user:secret@localhost")
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .hasMessageContaining("caching-proxy.redis.url")
                        .hasMessageNotContaining("secret"));
    }

    @Test
    void a_source_replaces_the_rules_of_another_one() {
        on.withInitializer(context -> context.getEnvironment()
                        .getPropertySources()
                        .addLast(new MapPropertySource(
                                "later",
                                Map.of(
                                        "caching-proxy.rules[0].key.query.drop[0]", "utm_*",
                                        "caching-proxy.rules[1].match.path[0]", "/a",
                                        "caching-proxy.rules[1].tags[0]", "a"))))
                .withPropertyValues("caching-proxy.rules[0].ttl=60s")
                .run(context -> assertThat(context.getBean(HttpCache.class)
                                .sites()
                                .list()
                                .get(0)
                                .rules()
                                .list())
                        .hasSize(1));
    }

    @Test
    void redis_without_its_libraries_says_what_to_add() {
        on.withPropertyValues("caching-proxy.redis.url=redis://localhost:1")
                .withClassLoader(new FilteredClassLoader("io.github.resilience4j", "org.redisson"))
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .hasMessageContaining("caching-proxy.redis.url")
                        .isInstanceOfSatisfying(
                                InvalidConfigurationPropertyValueException.class,
                                wrong -> assertThat(wrong.getReason())
                                        .contains("io.github.resilience4j:resilience4j-circuitbreaker")));
        on.withClassLoader(new FilteredClassLoader("io.github.resilience4j", "org.redisson"))
                .run(context -> assertThat(context).hasSingleBean(HttpCache.class));
    }

    @Test
    void beans_of_the_application_take_the_place_of_those_that_are_made() {
        HttpCache own =
                HttpCache.builder().store(new MemoryStore(1 << 20, 1 << 20)).build();
        on.withBean(HttpCache.class, () -> own)
                .run(context -> assertThat(context.getBean(HttpCache.class)).isSameAs(own));
        on.withBean(CachingFilter.class, () -> new CachingFilter(own))
                .run(context -> assertThat(context).doesNotHaveBean("cachingFilterRegistration"));
    }

    @Test
    void customizers_have_the_last_word_and_all_listeners_are_told() {
        CacheListener listener = new CacheListener() {};
        on.withBean(
                        HttpCacheCustomizer.class,
                        () -> builder -> builder.rules(Rules.of(rule("own").bypass())))
                .withBean(CachingFilterCustomizer.class, () -> builder -> builder.exclude("/never"))
                .withBean("listener", CacheListener.class, () -> listener)
                .run(context -> assertThat(context.getBean(HttpCache.class)
                                .sites()
                                .list()
                                .get(0)
                                .rules()
                                .list())
                        .extracting(Rule::name)
                        .containsExactly("own"));
    }

    @Test
    void metrics_measure_the_cache_where_micrometer_is() {
        on.run(context -> {
            SimpleMeterRegistry registry = new SimpleMeterRegistry();
            context.getBean(HttpCacheMetrics.class).bindTo(registry);
            assertThat(registry.get("cache.size").gauge().value()).isZero();
        });
        on.withPropertyValues("caching-proxy.metrics.prefix=http.cache").run(context -> {
            SimpleMeterRegistry registry = new SimpleMeterRegistry();
            context.getBean(HttpCacheMetrics.class).bindTo(registry);
            assertThat(registry.get("http.cache.size").gauge().value()).isZero();
        });
        on.withClassLoader(new FilteredClassLoader("io.micrometer"))
                .run(context ->
                        assertThat(context).hasSingleBean(HttpCache.class).doesNotHaveBean("httpCacheMetrics"));
    }

    @Test
    void the_endpoint_is_there_if_it_is_exposed() {
        on.run(context -> assertThat(context).doesNotHaveBean(HttpCacheEndpoint.class));
        on.withPropertyValues("management.endpoints.web.exposure.include=httpcache")
                .run(context -> {
                    HttpCacheEndpoint endpoint = context.getBean(HttpCacheEndpoint.class);
                    assertThat(endpoint.stats().keys()).isZero();
                    assertThat(endpoint.purge("http://localhost/a", "http://localhost/b", "t", true, null))
                            .isEqualTo(new HttpCacheEndpoint.Receipt(
                                    List.of("url http://localhost/a", "prefix http://localhost/b", "tag t", "all"),
                                    false,
                                    true));
                    assertThat(endpoint.explain("explain", "http://localhost/a", null, "Accept: a/b, c/d")
                                    .reuse()
                                    .result())
                            .isEqualTo("miss");
                    assertThat(endpoint.explain("other", "http://localhost/a", null, null))
                            .isNull();
                    assertThat(endpoint.remove(null, null, null, true, true).soft())
                            .isTrue();
                    org.assertj.core.api.Assertions.assertThatThrownBy(
                                    () -> endpoint.purge(null, null, null, null, null))
                            .isInstanceOf(InvalidEndpointRequestException.class)
                            .hasMessageContaining("nothing to purge");
                    org.assertj.core.api.Assertions.assertThatThrownBy(
                                    () -> endpoint.purge("/a", null, null, null, null))
                            .isInstanceOf(InvalidEndpointRequestException.class)
                            .hasMessageContaining("not an absolute http or https URL");
                });
        on.withPropertyValues("management.endpoints.web.exposure.include=httpcache")
                .withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate"))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("httpCacheEndpoint"));
    }
}
