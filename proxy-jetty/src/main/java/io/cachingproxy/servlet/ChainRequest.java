package io.cachingproxy.servlet;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.syntax.HttpDate;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.security.Principal;
import java.time.Instant;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The request that the chain gets: with the headers that the cache forwards, and with an async context that goes
 * through the recording. Without that, an async servlet that writes to the response of its context would bypass the
 * recording.
 */
final class ChainRequest extends HttpServletRequestWrapper {
    private final Headers headers;
    private final boolean late;
    private final Recording recording;
    private @Nullable AsyncContext async;
    private @Nullable HttpSession background;

    ChainRequest(HttpServletRequest request, RequestHead forwarded, Recording recording) {
        super(request);
        this.headers = forwarded.headers();
        this.late = !forwarded.hasBody() && request.getProtocol().startsWith("HTTP/2");
        this.recording = recording;
    }

    @Override
    public @Nullable String getHeader(String name) {
        read(name);
        return headers.first(name);
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
        read(name);
        return Collections.enumeration(headers.all(name));
    }

    /** Records a read of a field that is not in the cache key. */
    private void read(String name) {
        String value = headers.first(name);
        if (value == null) {
            return;
        }
        if (name.equalsIgnoreCase("Cookie") || name.equalsIgnoreCase("Authorization")) {
            disclosure().personal();
        } else if (ForwardedFields.changeUrl(name, value, this)) {
            disclosure().unkeyed();
        }
    }

    private Disclosure disclosure() {
        return recording.disclosure();
    }

    @Override
    public Cookie @Nullable [] getCookies() {
        read("Cookie");
        return super.getCookies();
    }

    @Override
    public HttpSession getSession() {
        return Objects.requireNonNull(getSession(true));
    }

    @Override
    public @Nullable HttpSession getSession(boolean create) {
        HttpSession session = recording.live() ? super.getSession(create) : backgroundSession(create);
        if (session != null) {
            disclosure().personal();
        }
        return session;
    }

    /**
     * A session for a run in the background: the client has its response already, so the container cannot create a
     * session.
     */
    private @Nullable HttpSession backgroundSession(boolean create) {
        if (background == null) {
            HttpSession session = super.getSession(false);
            if (session != null || !create) {
                return session;
            }
            background = new DetachedSession(getServletContext());
        }
        return background;
    }

    @Override
    public String changeSessionId() {
        disclosure().personal();
        return background == null ? super.changeSessionId() : background.getId();
    }

    @Override
    public @Nullable String getRequestedSessionId() {
        String id = super.getRequestedSessionId();
        if (id != null) {
            disclosure().personal();
        }
        return id;
    }

    @Override
    public boolean isRequestedSessionIdValid() {
        boolean valid = super.isRequestedSessionIdValid();
        if (valid) {
            disclosure().personal();
        }
        return valid;
    }

    @Override
    public @Nullable Principal getUserPrincipal() {
        Principal principal = super.getUserPrincipal();
        recording.principal(principal != null);
        return principal;
    }

    @Override
    public @Nullable String getRemoteUser() {
        String user = super.getRemoteUser();
        recording.principal(user != null);
        return user;
    }

    @Override
    public boolean isUserInRole(String role) {
        boolean has = super.isUserInRole(role);
        recording.principal(has);
        return has;
    }

    @Override
    public @Nullable String getAuthType() {
        String type = super.getAuthType();
        recording.principal(type != null);
        return type;
    }

    @Override
    public boolean authenticate(HttpServletResponse response) throws IOException, ServletException {
        disclosure().personal();
        return super.authenticate(response);
    }

    @Override
    public void login(String user, String password) throws ServletException {
        disclosure().personal();
        super.login(user, password);
    }

    @Override
    public void logout() throws ServletException {
        disclosure().personal();
        super.logout();
    }

    @Override
    public @Nullable Object getAttribute(String name) {
        Object value = super.getAttribute(name);
        if (value != null && name.equals("jakarta.servlet.request.X509Certificate")) {
            disclosure().personal();
        }
        return value;
    }

    @Override
    public Enumeration<String> getHeaderNames() {
        Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        for (int i = 0; i < headers.size(); i++) {
            names.add(headers.name(i));
        }
        return Collections.enumeration(names);
    }

    @Override
    public long getDateHeader(String name) {
        String value = headers.first(name);
        if (value == null) {
            return -1;
        }
        Instant date = HttpDate.parse(value, Instant.EPOCH);
        if (date == null) {
            throw new IllegalArgumentException("not a date: " + name);
        }
        return date.toEpochMilli();
    }

    @Override
    public int getIntHeader(String name) {
        String value = headers.first(name);
        return value == null ? -1 : Integer.parseInt(value);
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
        return late ? new NoInput() : super.getInputStream();
    }

    @Override
    public BufferedReader getReader() throws IOException {
        return late ? new BufferedReader(Reader.nullReader()) : super.getReader();
    }

    @Override
    public @Nullable RequestDispatcher getRequestDispatcher(String path) {
        RequestDispatcher dispatcher = super.getRequestDispatcher(path);
        boolean resets = ContainerResponse.isJettys(recording.response().client());
        return dispatcher == null || !resets ? dispatcher : new ForwardDispatcher(dispatcher);
    }

    private final class ForwardDispatcher implements RequestDispatcher {
        private final RequestDispatcher dispatcher;

        ForwardDispatcher(RequestDispatcher dispatcher) {
            this.dispatcher = dispatcher;
        }

        @Override
        public void forward(ServletRequest request, ServletResponse response) throws ServletException, IOException {
            recording.response().resetForForward();
            dispatcher.forward(request, response);
            if (!request.isAsyncStarted()) { // in a dispatch, such as that of a parked request, Jetty leaves it open
                close(response);
            }
        }

        private static void close(ServletResponse response) throws IOException {
            try {
                response.getOutputStream().close();
            } catch (IllegalStateException written) {
                response.getWriter().close();
            }
        }

        @Override
        public void include(ServletRequest request, ServletResponse response) throws ServletException, IOException {
            dispatcher.include(request, response);
        }
    }

    @Override
    public AsyncContext startAsync() {
        return startAsync(this, recording.current());
    }

    @Override
    public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
        async = recording.async(super.startAsync(request, response));
        return async;
    }

    @Override
    public AsyncContext getAsyncContext() {
        return async == null ? super.getAsyncContext() : async;
    }
}
