package io.cachingproxy.testkit;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/** An ordinary servlet, which counts its requests. */
public final class ScenarioServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final transient Scenario scenario;
    private final AtomicInteger count = new AtomicInteger();

    public ScenarioServlet(Scenario scenario) {
        this.scenario = scenario;
    }

    /** How many requests came; async dispatches are none. */
    public int count() {
        return count.get();
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        if (request.getDispatcherType() == DispatcherType.REQUEST) {
            count.incrementAndGet();
        }
        scenario.service(request, response);
    }
}
