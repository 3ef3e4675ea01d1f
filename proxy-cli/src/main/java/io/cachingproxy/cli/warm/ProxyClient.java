package io.cachingproxy.cli.warm;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.Target;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.InputStreamResponseListener;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * Requests URLs from one proxy: every connection goes to the proxy, whatever the host of the URL, and Host is that of
 * the URL. Over TLS the certificate has to be that of this host. Redirects are not followed, and cookies not kept.
 */
public final class ProxyClient implements AutoCloseable {
    private static final int MAX_THREADS = 8;
    private static final long CONNECT_SECONDS = 5;
    private static final long SILENCE_SECONDS = 90;
    private static final long TOTAL_SECONDS = 600;

    private final HttpClient client = new HttpClient();
    private final String scheme;
    private final Headers headers;
    private volatile boolean reached;
    private volatile @Nullable String problem;

    private ProxyClient(URI proxy, Headers headers, int connections) {
        this.scheme = proxy.getScheme().toLowerCase(Locale.ROOT);
        this.headers = headers;
        InetSocketAddress address = new InetSocketAddress(proxy.getHost(), port(proxy));
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 1);
        threads.setName("warm");
        threads.setDaemon(true);
        client.setExecutor(threads);
        client.setSocketAddressResolver((host, port, context, promise) -> promise.succeeded(List.of(address)));
        client.setMaxConnectionsPerDestination(connections);
        client.setConnectTimeout(TimeUnit.SECONDS.toMillis(CONNECT_SECONDS));
        client.setIdleTimeout(TimeUnit.SECONDS.toMillis(SILENCE_SECONDS));
        client.setFollowRedirects(false);
        client.setHttpCookieStore(new HttpCookieStore.Empty());
        client.setUserAgentField(null);
    }

    /**
     * A client that is started.
     *
     * @param proxy scheme, host and port of the proxy
     * @param headers header fields of every request, besides Host
     * @param connections to the proxy at most, for each host of the URLs
     */
    public static ProxyClient start(URI proxy, Headers headers, int connections) {
        ProxyClient started = new ProxyClient(proxy, headers, connections);
        try {
            started.client.start();
        } catch (Exception e) {
            throw new IllegalStateException("the client did not start", e);
        }
        started.client.getContentDecoderFactories().clear();
        started.client.getProtocolHandlers().clear();
        return started;
    }

    private static int port(URI proxy) {
        boolean secure = proxy.getScheme().equalsIgnoreCase("https");
        return proxy.getPort() != -1 ? proxy.getPort() : secure ? 443 : 80;
    }

    /** Requests a URL, and discards the content. The future never fails. */
    CompletableFuture<Answer> get(Target url) {
        AtomicLong bytes = new AtomicLong();
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        request(url)
                .onResponseContent((response, content) -> bytes.addAndGet(content.remaining()))
                .send(result -> answer.complete(answer(url, result, bytes.get())));
        return answer;
    }

    /** A response with status 200, whose content is read while it arrives. */
    final class Download implements AutoCloseable {
        private final Request request;
        private final InputStreamResponseListener response = new InputStreamResponseListener();
        private volatile boolean aborted;

        private Download(Request request) {
            this.request = request;
            request.send(response);
        }

        /**
         * Waits for the head of the response.
         *
         * @return the content, whose reads block
         * @throws IOException without a response, or if it has another status; the message is one line
         */
        InputStream content() throws IOException, InterruptedException {
            int status;
            try {
                status = response.get(TOTAL_SECONDS, TimeUnit.SECONDS).getStatus();
            } catch (ExecutionException | TimeoutException e) {
                String error = reason(e.getCause() == null ? e : e.getCause());
                problem = aborted ? problem : error;
                throw new IOException(error, e);
            }
            reached = true;
            if (status != 200) {
                throw new IOException("status " + status);
            }
            return response.getInputStream();
        }

        /** Ends the request, and the reads of the content. */
        void abort() {
            aborted = true;
            request.abort(new IOException("stopped"));
        }

        /** Ends the request unless the response is complete. */
        @Override
        public void close() {
            abort();
        }
    }

    /** Requests a URL, whose content is read by the caller. */
    Download download(Target url) {
        return new Download(request(url));
    }

    private Request request(Target url) {
        return client.newRequest(scheme + "://" + url.authority() + url.pathAndQuery())
                .timeout(TOTAL_SECONDS, TimeUnit.SECONDS)
                .headers(fields -> {
                    for (int i = 0; i < headers.size(); i++) {
                        fields.add(headers.name(i), headers.value(i));
                    }
                    fields.put(HttpHeader.HOST, url.authority());
                });
    }

    private Answer answer(Target url, Result result, long bytes) {
        Response response = result.getResponse();
        Headers.Builder headers = Headers.builder();
        if (response != null) {
            response.getHeaders()
                    .forEach(field -> headers.add(field.getName(), field.getValue() == null ? "" : field.getValue()));
        }
        int status = response == null ? 0 : response.getStatus();
        Throwable failure = result.getFailure();
        String error = failure == null ? null : reason(failure);
        if (status == 0) {
            problem = error;
        } else {
            reached = true;
        }
        return new Answer(url, status, headers.build(), bytes, error);
    }

    /** Why no request had a response so far; empty before the first end of a request, and after the first response. */
    public Optional<String> unreached() {
        return reached ? Optional.empty() : Optional.ofNullable(problem);
    }

    /** In one line. */
    private static String reason(Throwable failure) {
        String message = failure.getMessage();
        String name = failure.getClass().getSimpleName();
        return message == null || message.isBlank()
                ? name
                : name + ": " + message.lines().findFirst().orElse("");
    }

    @Override
    public void close() {
        try {
            client.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the client did not stop", e);
        }
    }
}
