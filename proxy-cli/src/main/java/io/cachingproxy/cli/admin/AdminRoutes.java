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

    /** Bytes of content that a resource without content ignores. */
    private static final int IGNORED = 64 * 1024;

    private final PathMappings<Map<String, Resource>> resources = new PathMappings<>();
    private final Budget budget = new Budget();
    private final WorkQueue work = new WorkQueue();

    /** @param longest limit of the content in bytes, which the action reads; 0: it reads none */
    private record Resource(Action action, int longest) {
        /** The limit of the length that a request may declare. */
        int longestDeclared() {
            return longest == 0 ? IGNORED : longest;
        }
    }

    /** Answers a request, now or later. */
    public interface Action {
        /** @throws AdminExchange.Refused to answer with an error */
        void answer(AdminExchange exchange);
    }

    /** Answers a request with content, now or later. */
    public interface ContentAction {
        /**
         * @param content as UTF-8
         * @throws AdminExchange.Refused to answer with an error
         */
        void answer(AdminExchange exchange, String content);
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

    /**
     * Adds a resource with the method POST that reads the content of its requests.
     *
     * @param longest limit of the content in bytes; longer content is answered 413
     */
    public void post(String path, int longest, ContentAction action) {
        Action reading =
                exchange -> new ContentReader(exchange, longest, content -> action.answer(exchange, content)).run();
        on("POST", path, new Resource(reading, longest));
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
        on(method, path, new Resource(action, 0));
    }

    private void on(String method, String path, Resource resource) {
        UriTemplatePathSpec spec = new UriTemplatePathSpec(path);
        Map<String, Resource> methods = resources.get(spec);
        if (methods == null) {
            methods = new LinkedHashMap<>();
            resources.put(spec, methods);
        }
        methods.put(method, resource);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        MatchedResource<Map<String, Resource>> found = resources.getMatched(Request.getPathInContext(request));
        if (found == null) {
            AdminExchange.text(response, 404, "Not found", callback);
            return true;
        }
        Resource resource = found.getResource().get(request.getMethod());
        if (resource == null) {
            response.getHeaders()
                    .put(HttpHeader.ALLOW, String.join(", ", found.getResource().keySet()));
            AdminExchange.text(response, 405, "Method not allowed", callback);
            return true;
        }
        AdminExchange exchange =
                new AdminExchange(request, response, callback, parameters(found, request), budget, work);
        if (isTooLong(request, resource)) {
            exchange.refuse(ContentReader.tooLong(resource.longest()));
        } else {
            run(resource.action(), exchange);
        }
        return true;
    }

    /** Whether the head of a request already says that its content is too long. */
    private static boolean isTooLong(Request request, Resource resource) {
        boolean chunked = request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING);
        return (chunked && resource.longest() == 0)
                || request.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH) > resource.longestDeclared();
    }

    private static Map<String, String> parameters(MatchedResource<Map<String, Resource>> found, Request request) {
        return found.getPathSpec() instanceof UriTemplatePathSpec template
                ? template.getPathParams(Request.getPathInContext(request))
                : Map.of();
    }

    static void run(Action action, AdminExchange exchange) {
        try {
            action.answer(exchange);
        } catch (AdminExchange.Refused refused) {
            exchange.refuse(refused);
        } catch (RuntimeException defect) {
            LOG.error("The admin listener failed to answer {}", exchange, defect);
            exchange.text(500, "Internal error: see the log");
        } catch (Error fatal) { // a stage would swallow it; an OutOfMemoryError in the log ends the process
            LOG.error("The admin listener failed to answer {}", exchange, fatal);
            exchange.text(500, "Internal error: see the log");
        }
    }
}
