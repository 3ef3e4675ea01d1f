package io.cachingproxy.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A server of an origin at one loopback address, which can be killed, hung, slowed or made to fail. */
final class ChaosServer implements AutoCloseable {
    /** What the server does with a request. */
    enum Mode {
        FINE,
        /** Takes connections and requests, and answers none. */
        HUNG,
        /** Answers its health check at once, and other requests late. */
        SLOW,
        /** Answers its health check, and 503 to other requests. */
        FAILING,
        /** Answers requests, and hangs in its health check. */
        HUNG_CHECK
    }

    private final String address;
    private final long slowMillis;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger requests = new AtomicInteger();
    private volatile Mode mode = Mode.FINE;
    private volatile ServerSocket listening;

    /** @param port 0: a free one */
    ChaosServer(String address, int port, long slowMillis) throws IOException {
        this.address = address;
        this.slowMillis = slowMillis;
        listening = listen(port);
    }

    private ServerSocket listen(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new java.net.InetSocketAddress(InetAddress.getByName(address), port), 1024);
        daemon(() -> accept(socket));
        return socket;
    }

    String address() {
        return address;
    }

    int port() {
        return listening.getLocalPort();
    }

    /** Number of requests without health checks. */
    int requests() {
        return requests.get();
    }

    void mode(Mode value) {
        mode = value;
    }

    /** Closes the port and all connections. */
    void kill() throws IOException {
        listening.close();
        for (Socket socket : open) {
            socket.close();
        }
    }

    /** Listens again, after {@link #kill}. */
    void revive() throws IOException {
        mode = Mode.FINE;
        listening = listen(port());
    }

    private void accept(ServerSocket socket) {
        while (!socket.isClosed()) {
            try {
                Socket accepted = socket.accept();
                open.add(accepted);
                if (socket.isClosed()) {
                    accepted.close();
                }
                daemon(() -> converse(accepted));
            } catch (IOException ended) {
                return;
            }
        }
    }

    private void converse(Socket socket) {
        try (socket) {
            for (String head = head(socket.getInputStream()); !head.isEmpty(); head = head(socket.getInputStream())) {
                answer(socket, head);
            }
        } catch (IOException | InterruptedException gone) {
            // the proxy, or this server, ended the connection
        } finally {
            open.remove(socket);
        }
    }

    private void answer(Socket socket, String head) throws IOException, InterruptedException {
        boolean isCheck = head.startsWith("GET /health ");
        if (!isCheck) {
            requests.incrementAndGet();
        }
        Mode now = mode;
        if (now == Mode.HUNG || (now == Mode.HUNG_CHECK && isCheck)) {
            closed.await();
        }
        if (now == Mode.SLOW && !isCheck) {
            closed.await(slowMillis, TimeUnit.MILLISECONDS);
        }
        String status = now == Mode.FAILING && !isCheck ? "503 Failing" : "200 OK";
        String kept = head.startsWith("GET /kept ") ? "max-age=1, stale-if-error=3600" : "no-store";
        socket.getOutputStream()
                .write(("HTTP/1.1 " + status + "\r\nCache-Control: " + kept + "\r\nContent-Length: " + address.length()
                                + "\r\n\r\n" + address)
                        .getBytes(StandardCharsets.US_ASCII));
    }

    /** A request without its body; empty at the end of the connection. */
    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "chaos");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        kill();
    }
}
