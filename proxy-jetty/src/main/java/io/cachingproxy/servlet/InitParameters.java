package io.cachingproxy.servlet;

import io.cachingproxy.HttpCache;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.store.MemoryStore;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Init parameters of the filter: {@code policy} (application, standard, rfc9111, override), {@code ttl} (seconds),
 * {@code memory} and {@code max-object-size} (bytes); {@code include} and {@code exclude}, URL patterns separated by
 * commas or white space; {@code bypass}, the name of a class that is a {@code Predicate<HttpServletRequest>} and has a
 * constructor without parameters.
 */
final class InitParameters {
    private static final long MOST_MEMORY = 256L << 20;

    private InitParameters() {}

    /** Default memory of a filter's own cache: 256 MiB, or an eighth of the heap if that is less. */
    private static long defaultMemory() {
        return Math.min(MOST_MEMORY, Runtime.getRuntime().maxMemory() / 8);
    }

    /** The requests that bypass the cache. */
    static Predicate<HttpServletRequest> bypass(FilterConfig config) throws ServletException {
        try {
            Predicate<HttpServletRequest> outside =
                    UrlPatterns.outside(patterns(config, "include"), patterns(config, "exclude"));
            String name = config.getInitParameter("bypass");
            return name == null ? outside : outside.or(predicate(name.strip()));
        } catch (IllegalArgumentException wrong) {
            throw new ServletException("init parameters include and exclude: " + wrong.getMessage(), wrong);
        } catch (ReflectiveOperationException | ClassCastException wrong) {
            throw new ServletException(
                    "init parameter bypass: the name of a class that implements Predicate<HttpServletRequest>", wrong);
        }
    }

    @SuppressWarnings("unchecked") // a predicate of another type fails at its first request
    private static Predicate<HttpServletRequest> predicate(String name) throws ReflectiveOperationException {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        Class<?> type = Class.forName(name, true, loader == null ? InitParameters.class.getClassLoader() : loader);
        return (Predicate<HttpServletRequest>)
                Predicate.class.cast(type.getDeclaredConstructor().newInstance());
    }

    private static List<String> patterns(FilterConfig config, String name) {
        String value = config.getInitParameter(name);
        return value == null
                ? List.of()
                : Arrays.stream(value.split("[,\\s]+", -1))
                        .filter(pattern -> !pattern.isEmpty())
                        .toList();
    }

    static HttpCache cache(FilterConfig config) throws ServletException {
        long memory = number(config, "memory", defaultMemory());
        long object = number(config, "max-object-size", 32L << 20);
        Duration ttl = Duration.ofSeconds(number(config, "ttl", 300));
        return HttpCache.builder()
                .policy(policy(config.getInitParameter("policy"), ttl))
                .store(new MemoryStore(memory, object))
                .maxObjectBytes(object)
                .build();
    }

    private static Policy policy(@Nullable String name, Duration ttl) throws ServletException {
        return switch (name == null ? "application" : name) {
            case "application" -> Policy.application();
            case "standard" -> Policy.standard(ttl);
            case "rfc9111" -> Policy.rfc9111();
            case "override" -> Policy.override(ttl);
            default ->
                throw new ServletException(
                        "init parameter policy: application, standard, rfc9111 or override, not " + name);
        };
    }

    private static long number(FilterConfig config, String name, long otherwise) throws ServletException {
        String value = config.getInitParameter(name);
        try {
            return value == null ? otherwise : Long.parseLong(value.strip());
        } catch (NumberFormatException notANumber) {
            throw new ServletException("init parameter " + name + ": a number, not " + value, notANumber);
        }
    }
}
