package io.cachingproxy.attack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An origin that takes requests by the letter, keeps them, and answers as told. Untold, it answers with the request line
 * as the body, to be kept for a minute.
 */
final class RecordingOrigin implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
    private final List<Message> requests = new CopyOnWriteArrayList<>();
    private final List<Throwable> garbled = new CopyOnWriteArrayList<>();
    private final Map<String, Script> scripts = new ConcurrentHashMap<>();
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();

    /** Answers a request. */
    interface Script {
        void answer(Message request, Connection connection) throws Exception;
    }

    /** The way back to the proxy. */
    record Connection(Socket socket) {
        Connection send(String bytes) throws IOException {
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            return this;
        }

        void close() throws IOException {
            socket.close();
        }
    }

    RecordingOrigin() throws IOException {
        daemon(this::accept);
    }

    /** A response that may be kept for a minute, with these fields besides. */
    static String ok(String body, String... lines) {
        return "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
                + String.join(
                        "", List.of(lines).stream().map(line -> line + "\r\n").toList())
                + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    /** Answers requests for this path, whatever their query, with these bytes. */
    RecordingOrigin on(String path, String response) {
        return on(path, (request, connection) -> connection.send(response));
    }

    RecordingOrigin on(String path, Script script) {
        scripts.put(path, script);
        return this;
    }

    /** Answers requests for this path with these bytes and nothing more. */
    RecordingOrigin onceAndClose(String path, String response) {
        return on(path, (request, connection) -> connection.send(response).close());
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    /** All requests, in the order in which they came. */
    List<Message> requests() {
        return requests;
    }

    /** The request lines, less their version. */
    List<String> asked() {
        return requests.stream()
                .map(request -> request.startLine().replace(" HTTP/1.1", ""))
                .toList();
    }

    Message last() {
        return requests.get(requests.size() - 1);
    }

    /** What could not be taken for a request. */
    List<Throwable> garbled() {
        return garbled;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                socket.setTcpNoDelay(true);
                connections.add(socket);
                daemon(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            Message request = Message.request(socket.getInputStream());
            while (request != null) {
                requests.add(request);
                answer(request, new Connection(socket));
                request = Message.request(socket.getInputStream());
            }
        } catch (java.net.SocketException gone) {
            // the proxy hung up
        } catch (Exception wrong) {
            garbled.add(wrong);
        } finally {
            connections.remove(socket);
        }
    }

    private void answer(Message request, Connection connection) throws Exception {
        String path = request.startLine().split(" ")[1].replaceAll("\\?.*", "");
        Script script = scripts.get(path);
        if (script == null) {
            connection.send(ok(request.startLine().replace(" HTTP/1.1", "")));
        } else {
            script.answer(request, connection);
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "origin");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : connections) {
            socket.close();
        }
    }
}
