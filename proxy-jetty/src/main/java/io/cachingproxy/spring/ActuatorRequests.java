package io.cachingproxy.spring;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.actuate.endpoint.web.WebServerNamespace;

/** Requests for endpoints of the actuator. The paths are read at the first request, when all endpoints are there. */
final class ActuatorRequests implements Predicate<HttpServletRequest> {
    private final ObjectProvider<PathMappedEndpoints> endpoints;
    private final String servletPath;
    private volatile @Nullable List<String> paths;

    /**
     * Requests for these endpoints.
     *
     * @param servletPath the path of the dispatcher servlet
     */
    ActuatorRequests(ObjectProvider<PathMappedEndpoints> endpoints, String servletPath) {
        this.endpoints = endpoints;
        this.servletPath = servletPath.endsWith("/") ? servletPath.substring(0, servletPath.length() - 1) : servletPath;
    }

    @Override
    public boolean test(HttpServletRequest request) {
        String info = request.getPathInfo();
        String path = info == null ? request.getServletPath() : request.getServletPath() + info;
        for (String each : paths()) {
            if (path.startsWith(each) && (path.length() == each.length() || path.charAt(each.length()) == '/')) {
                return true;
            }
        }
        return false;
    }

    private List<String> paths() {
        List<String> known = paths;
        if (known == null) {
            known = endpoints.stream()
                    .flatMap(ActuatorRequests::paths)
                    .map(path -> servletPath + path)
                    .distinct()
                    .toList();
            paths = known;
        }
        return known;
    }

    private static Stream<String> paths(PathMappedEndpoints endpoints) {
        String base = endpoints.getBasePath();
        Stream<String> main = base.length() > 1 ? Stream.of(base) : endpoints.getAllPaths().stream();
        EndpointId health = EndpointId.of("health");
        return Stream.concat(main, endpoints.getAdditionalPaths(WebServerNamespace.SERVER, health).stream());
    }
}
