package io.cachingproxy.jetty;

import io.cachingproxy.Purging;
import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.http.Target;
import io.cachingproxy.jetty.front.Forwarding;
import io.cachingproxy.jetty.front.Forwardings;
import io.cachingproxy.jetty.front.ServerContent;
import io.cachingproxy.jetty.purge.PurgeCommand;
import io.cachingproxy.jetty.purge.PurgeCommand.What;
import io.cachingproxy.jetty.purge.PurgeDialects;
import io.cachingproxy.net.JettyHeaders;
import io.cachingproxy.rules.Site;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.Purge.Scope;
import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/**
 * Answers purge requests ({@link PurgeDialects}) from permitted addresses, without forwarding them to the origin. The
 * response is 204 if the purge has reached all instances that share the cache, 202 if only this instance so far, 400 if
 * the request cannot be translated, 421 if no site has the host. Tags are purged in the site of the host only.
 *
 * <p>Other threads than the one that calls {@link #handle} end the request, so that every response is written as the last
 * one before the callback completes: if the callback has to write the response, and {@link #handle} returns meanwhile, both
 * threads end the request and Jetty's connection loses the next one.
 */
final class PurgeHandler extends Handler.Wrapper {
    private final AddressRanges from;
    private final Purging purging;
    private final Forwardings forwardings;

    PurgeHandler(AddressRanges from, Purging purging, Forwardings forwardings, Handler handler) {
        super(false, handler);
        this.from = from;
        this.purging = purging;
        this.forwardings = forwardings;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (!PurgeDialects.METHODS.contains(request.getMethod())) {
            return super.handle(request, response, callback);
        }
        if (from.isEmpty()) {
            response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
            Response.writeError(request, response, callback, HttpStatus.METHOD_NOT_ALLOWED_405);
        } else if (!from.contains(request.getConnectionMetaData().getRemoteSocketAddress())) {
            Response.writeError(request, response, callback, HttpStatus.FORBIDDEN_403);
        } else {
            // Apart from the threads that read: some answers count the entries of the store.
            request.getComponents().getThreadPool().execute(() -> purge(request, response, callback));
        }
        return true;
    }

    private void purge(Request request, Response response, Callback callback) {
        ServerContent content = ServerContent.of(request, null);
        if (content != null) { // it has no meaning
            content.announce(response);
        }
        try {
            Forwarding forwarding = forwardings.of(request.isSecure());
            Target url = forwarding.target(
                    Request.getServerName(request),
                    Request.getServerPort(request),
                    request.getHttpURI().getPathQuery());
            PurgeCommand command = new PurgeDialects(
                            request.getMethod(), url.authority(), url.pathAndQuery(), JettyHeaders.of(request))
                    .command();
            purge(command, forwarding, response, callback);
        } catch (PurgeCommand.Unclear unclear) {
            answer(HttpStatus.BAD_REQUEST_400, "Nothing purged: " + unclear.getMessage() + "\n", response, callback);
        } catch (UnknownHost unknown) {
            answer(HttpStatus.MISDIRECTED_REQUEST_421, "Nothing purged: no site has the host\n", response, callback);
        } catch (RuntimeException defect) {
            Response.writeError(request, response, callback, HttpStatus.INTERNAL_SERVER_ERROR_500, null, defect);
        }
    }

    private void purge(PurgeCommand command, Forwarding forwarding, Response response, Callback callback) {
        List<Scope> hard = scopes(command.hard(), forwarding);
        List<Scope> soft = scopes(command.soft(), forwarding);
        String done = command.counted()
                ? "Purged " + purging.count(hard).orElse(0) + " objects, expired "
                        + purging.count(soft).orElse(0) + " objects\n"
                : "";
        purging.purge(hard, false)
                .thenCombine(purging.purge(soft, true), (one, other) -> one == Confirmation.CONFIRMED ? other : one)
                .whenComplete((purged, never) -> {
                    if (purged != Confirmation.CONFIRMED) {
                        answer(HttpStatus.ACCEPTED_202, done + Purging.PENDING, response, callback);
                    } else if (command.counted()) {
                        answer(HttpStatus.OK_200, done, response, callback);
                    } else {
                        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
                        response.setStatus(HttpStatus.NO_CONTENT_204);
                        response.write(true, BufferUtil.EMPTY_BUFFER, callback);
                    }
                });
    }

    private List<Scope> scopes(List<What> all, Forwarding forwarding) {
        return all.stream().flatMap(what -> scopes(what, forwarding).stream()).toList();
    }

    private List<Scope> scopes(What what, Forwarding forwarding) {
        Site site = purging.site(forwarding.target(what.host(), "/"));
        if (site == null) {
            throw new UnknownHost();
        }
        if (what instanceof What.Url url) {
            return purging.url(forwarding.target(url.host(), url.path()));
        } else if (what instanceof What.Prefix prefix) {
            return purging.prefix(forwarding.target(prefix.host(), prefix.path()));
        } else if (what instanceof What.Tag tag) {
            return purging.tag(site, tag.tag());
        }
        return purging.all(site);
    }

    private static void answer(int status, String text, Response response, Callback callback) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain;charset=utf-8");
        Content.Sink.write(response, true, text, callback);
    }

    /** Thrown for a host that no site has. */
    private static final class UnknownHost extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}
