package io.cachingproxy.servlet;

import io.cachingproxy.HttpCache;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletContext;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks the registration of a filter, and warns of mistakes. Each warning is logged once per instance: at start if the
 * container exposes filter mappings, otherwise at the first affected request.
 */
final class Setup {
    private static final Logger LOG = LoggerFactory.getLogger(CachingFilter.class);

    private final Set<String> warned = ConcurrentHashMap.newKeySet();
    private volatile String name = "";
    private volatile @Nullable Boolean asyncRunsAll;

    /** The filter is initialised: checks its mappings. */
    void begin(FilterConfig config) {
        name = config.getFilterName() == null ? "" : config.getFilterName();
        List<FilterMappings.Mapping> own =
                FilterMappings.of(config.getServletContext()).of(name);
        if (own.isEmpty()) {
            return;
        }
        if (!own.get(0).async()) {
            warn(
                    "is registered without async support: servlets behind it cannot use startAsync, and requests that wait for"
                            + " another one's response hold a thread. Write setAsyncSupported(true), or"
                            + " <async-supported>true</async-supported> in web.xml");
        }
        Set<DispatcherType> types = own.stream()
                .flatMap(mapping -> mapping.dispatchers().stream())
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(DispatcherType.class)));
        if (!types.contains(DispatcherType.REQUEST)) {
            warn("is not mapped for the dispatcher type REQUEST and caches nothing. Write EnumSet.of(REQUEST, ASYNC)");
        } else if (!types.contains(DispatcherType.ASYNC)) {
            warn(
                    "is not mapped for the dispatcher type ASYNC: async responses that are dispatched are not cached. Write"
                            + " EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC), <dispatcher>ASYNC</dispatcher> in web.xml,"
                            + " or setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ASYNC) of Spring's FilterRegistrationBean");
        }
    }

    /** Whether an async dispatch is known to run all filters that a request runs. */
    boolean asyncRunsAll(ServletContext context) {
        Boolean known = asyncRunsAll;
        if (known == null) {
            known = FilterMappings.of(context).asyncRunsAll();
            asyncRunsAll = known;
        }
        return known;
    }

    /** Warns that another instance, or another mapping of this one, already records the request. */
    void twice() {
        warn(
                "is in the chain of one request twice: the second one passes it on. Remove one registration; in Spring Boot a bean"
                        + " of type Filter is registered without a FilterRegistrationBean, too");
    }

    /** Warns, if a site overrides Cache-Control, that the application has sessions. */
    void session(HttpCache cache) {
        if (cache.sites().list().stream().anyMatch(site -> site.policy().override())) {
            warn("has the policy override in an application with sessions: it stores pages whatever they say, for all"
                    + " clients. Write application, or restrict the filter with include");
        }
    }

    private void warn(String what) {
        if (warned.add(what)) {
            LOG.warn("The caching filter {} {}", name, what);
        }
    }
}
