package io.cachingproxy.servlet;

import io.cachingproxy.HttpCache;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.store.MemoryStore;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The filter's init parameters: {@code policy} (application, standard, rfc9111, override), {@code ttl} (seconds), {@code
 * memory} and {@code max-object-size} (bytes).
 */
final class InitParameters {
    private InitParameters() {}

    static HttpCache cache(FilterConfig config) throws ServletException {
        long memory = number(config, "memory", 256L << 20);
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
