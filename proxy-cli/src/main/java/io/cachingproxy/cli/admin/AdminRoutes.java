package io.cachingproxy.cli.admin;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.pathmap.MatchedResource;
import org.eclipse.jetty.http.pathmap.PathMappings;
import org.eclipse.jetty.http.pathmap.UriTemplatePathSpec;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The resources of the admin listener by path and method. Paths are URI templates: {@code /api/origins/{name}}. A path
 * without a resource is answered 404, another method 405.
 */
public final class AdminRoutes extends Handler.Abstract.NonBlocking {
    private static final Logger LOG = LoggerFactory.getLogger(AdminRoutes.class);

    private final PathMappings<Map<String, Action>> resources = new PathMappings<>();

    /** Answers a request, now or later. */
    public interface Action {
        /** @throws AdminExchange.Refused to answer with an error */
        void answer(AdminExchange exchange);
    }

    /** A group of resources. */
    public interface Group {
        /** Adds the resources of the group. */
        void addTo(AdminRoutes routes);
    }

    /** The resources of these groups. */
    public static AdminRoutes of(Group... groups) {
        AdminRoutes routes = new AdminRoutes();
        for (Group group : groups) {
            group.addTo(routes);
        }
        return routes;
    }

    /** Adds a resource that is read by GET and HEAD. */
    public void get(String path, Action action) {
        on("GET", path, action);
        on("HEAD", path, action);
    }

    /** Adds a resource with the method POST. */
    public void post(String path, Action action) {
        on("POST", path, action);
    }

    /** Adds a resource with the method DELETE. */
    public void delete(String path, Action action) {
        on("DELETE", path, action);
    }

    /** The methods of each path, as they were added. */
    public Map<String, Set<String>> methods() {
        Map<String, Set<String>> methods = new TreeMap<>();
        resources
                .streamResources()
                .forEach(resource -> methods.put(
                        resource.getPathSpec().getDeclaration(),
                        new TreeSet<>(resource.getResource().keySet())));
        return methods;
    }

    private void on(String method, String path, Action action) {
        UriTemplatePathSpec spec = new UriTemplatePathSpec(path);
        Map<String, Action> methods = resources.get(spec);
        if (methods == null) {
            methods = new LinkedHashMap<>();
            resources.put(spec, methods);
        }
        methods.put(method, action);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        MatchedResource<Map<String, Action>> found = resources.getMatched(Request.getPathInContext(request));
        if (found == null) {
            AdminExchange.text(response, 404, "Not found", callback);
            return true;
        }
        Action action = found.getResource().get(request.getMethod());
        if (action == null) {
            response.getHeaders()
                    .put(HttpHeader.ALLOW, String.join(", ", found.getResource().keySet()));
            AdminExchange.text(response, 405, "Method not allowed", callback);
            return true;
        }
        run(action, new AdminExchange(request, response, callback, parameters(found, request)));
        return true;
    }

    private static Map<String, String> parameters(MatchedResource<Map<String, Action>> found, Request request) {
        return found.getPathSpec() instanceof UriTemplatePathSpec template
                ? template.getPathParams(Request.getPathInContext(request))
                : Map.of();
    }

    static void run(Action action, AdminExchange exchange) {
        try {
            action.answer(exchange);
        } catch (AdminExchange.Refused refused) {
            exchange.text(refused.status(), String.valueOf(refused.getMessage()));
        } catch (RuntimeException defect) {
            LOG.error("The admin listener failed to answer {}", exchange, defect);
            exchange.text(500, "Internal error: see the log");
        } catch (Error fatal) { // a stage would swallow it; an OutOfMemoryError in the log ends the process
            LOG.error("The admin listener failed to answer {}", exchange, fatal);
            exchange.text(500, "Internal error: see the log");
        }
    }
}
