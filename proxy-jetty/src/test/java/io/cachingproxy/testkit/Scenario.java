package io.cachingproxy.testkit;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** What a servlet does with a request. */
public interface Scenario {
    void service(HttpServletRequest request, HttpServletResponse response) throws IOException, ServletException;
}
