package io.cachingproxy.servlet;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The filter mappings of an application, with their dispatcher types. The servlet API has no getter for them; those of
 * Tomcat, Jetty and Undertow are called by reflection.
 */
final class FilterMappings {
    /**
     * WebSocket filters of the containers, mapped for REQUEST only: they only handle upgrades, which the caching filter
     * passes through.
     */
    private static final Set<String> FOR_UPGRADES =
            Set.of("WsFilter", "JsrWebSocketFilter", "WebSocketUpgradeFilter", "JavaxWebSocketFilter");

    /**
     * One filter mapping.
     *
     * @param filter the name of the filter
     * @param where the URL patterns and servlets
     * @param dispatchers the dispatcher types
     * @param async whether the filter is registered with async supported
     */
    record Mapping(String filter, String where, Set<DispatcherType> dispatchers, boolean async) {}

    private final ServletContext context;
    private final List<Mapping> mappings;

    private FilterMappings(ServletContext context, List<Mapping> mappings) {
        this.context = context;
        this.mappings = mappings;
    }

    /** The mappings in {@code context}; empty if the container does not expose them. */
    static FilterMappings of(ServletContext context) {
        try {
            String container = context.getClass().getName();
            List<Mapping> mappings = container.startsWith("org.apache.catalina.")
                    ? ofTomcat(context)
                    : container.startsWith("org.eclipse.jetty.")
                            ? ofJetty(context)
                            : container.startsWith("io.undertow.") ? ofUndertow(context) : List.of();
            return new FilterMappings(context, mappings);
        } catch (ReflectiveOperationException | RuntimeException unknown) {
            return new FilterMappings(context, List.of());
        }
    }

    /** The mappings of this filter; empty if the container does not expose them. */
    List<Mapping> of(String filter) {
        return mappings.stream().filter(it -> it.filter().equals(filter)).toList();
    }

    /** Whether an async dispatch is known to run all filters that a request runs. */
    boolean asyncRunsAll() {
        return !mappings.isEmpty()
                && mappings.stream()
                        .filter(it -> it.dispatchers().contains(DispatcherType.REQUEST))
                        .allMatch(it -> isForUpgrades(it.filter()) || runsAsync(it));
    }

    private boolean runsAsync(Mapping mapping) {
        return mappings.stream()
                .anyMatch(it -> it.filter().equals(mapping.filter())
                        && it.where().equals(mapping.where())
                        && it.dispatchers().contains(DispatcherType.ASYNC));
    }

    private boolean isForUpgrades(String filter) {
        FilterRegistration registration = context.getFilterRegistration(filter);
        String name = registration == null ? null : registration.getClassName();
        return name != null && FOR_UPGRADES.contains(name.substring(name.lastIndexOf('.') + 1));
    }

    private static List<Mapping> ofTomcat(ServletContext facade) throws ReflectiveOperationException {
        Object context = field(field(facade, "context"), "context");
        List<Mapping> all = new ArrayList<>();
        for (Object map : (Object[]) call(context, "findFilterMaps")) {
            String name = (String) call(map, "getFilterName");
            String where = Arrays.toString((Object[]) call(map, "getURLPatterns"))
                    + Arrays.toString((Object[]) call(map, "getServletNames"))
                    + call(map, "getMatchAllUrlPatterns")
                    + call(map, "getMatchAllServletNames");
            Set<DispatcherType> types = EnumSet.noneOf(DispatcherType.class);
            for (Object type : (Object[]) call(map, "getDispatcherNames")) {
                types.add(DispatcherType.valueOf((String) type));
            }
            if (types.isEmpty()) {
                types.add(DispatcherType.REQUEST);
            }
            Object definition =
                    context.getClass().getMethod("findFilterDef", String.class).invoke(context, name);
            boolean async = definition != null && (boolean) call(definition, "getAsyncSupportedBoolean");
            all.add(new Mapping(name, where, types, async));
        }
        return all;
    }

    private static List<Mapping> ofJetty(ServletContext context) throws ReflectiveOperationException {
        Class<?> inner = context.getClass();
        while (!inner.getName().contains(".ServletContextHandler$")) {
            inner = Objects.requireNonNull(inner.getSuperclass());
        }
        Class<?> outer = Objects.requireNonNull(inner.getEnclosingClass());
        Object handler = outer.getMethod("getServletContextHandler", ServletContext.class)
                .invoke(null, context);
        Object servlets = call(Objects.requireNonNull(handler), "getServletHandler");
        List<Mapping> all = new ArrayList<>();
        for (Object map : (Object[]) call(servlets, "getFilterMappings")) {
            String name = (String) call(map, "getFilterName");
            String where = Arrays.toString((Object[]) nullable(map, "getPathSpecs"))
                    + Arrays.toString((Object[]) nullable(map, "getServletNames"));
            Set<DispatcherType> types = EnumSet.noneOf(DispatcherType.class);
            Method applies = map.getClass().getMethod("appliesTo", DispatcherType.class);
            for (DispatcherType type : DispatcherType.values()) {
                if ((boolean) Objects.requireNonNull(applies.invoke(map, type))) {
                    types.add(type);
                }
            }
            Object holder =
                    servlets.getClass().getMethod("getFilter", String.class).invoke(servlets, name);
            boolean async = holder != null && (boolean) call(holder, "isAsyncSupported");
            all.add(new Mapping(name, where, types, async));
        }
        return all;
    }

    private static List<Mapping> ofUndertow(ServletContext context) throws ReflectiveOperationException {
        Object info = call(call(context, "getDeployment"), "getDeploymentInfo");
        java.util.Map<?, ?> filters = (java.util.Map<?, ?>) call(info, "getFilters");
        List<Mapping> all = new ArrayList<>();
        for (Object map : (Collection<?>) call(info, "getFilterMappings")) {
            String name = (String) call(map, "getFilterName");
            String where = call(map, "getMappingType") + " " + call(map, "getMapping");
            Object filter = filters.get(name);
            boolean async = filter != null && (boolean) call(filter, "isAsyncSupported");
            all.add(new Mapping(name, where, Set.of((DispatcherType) call(map, "getDispatcher")), async));
        }
        return all;
    }

    private static Object call(Object target, String method) throws ReflectiveOperationException {
        return Objects.requireNonNull(nullable(target, method));
    }

    private static @Nullable Object nullable(Object target, String method) throws ReflectiveOperationException {
        Method found = target.getClass().getMethod(method);
        found.setAccessible(true);
        return found.invoke(target);
    }

    private static Object field(Object target, String name) throws ReflectiveOperationException {
        Field found = Stream.<Class<?>>iterate(target.getClass(), Objects::nonNull, Class::getSuperclass)
                .flatMap(type -> Arrays.stream(type.getDeclaredFields()))
                .filter(it -> it.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new NoSuchFieldException(name));
        found.setAccessible(true);
        return Objects.requireNonNull(found.get(target));
    }
}
