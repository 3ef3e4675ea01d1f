package io.cachingproxy.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** An origin on a real socket that does exactly what its script says, well-formed or not, and records what it is asked. */
public final class RawOrigin implements AutoCloseable {
    /** Answers one request, whose head was read; its body is the script's to read. */
    public interface Script {
        void answer(OriginCall call) throws Exception;
    }

    private final ServerSocket listening;
    private final Script script;
    private final AtomicInteger count = new AtomicInteger();
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();

    private RawOrigin(Script script, int port, String address) {
        this.script = script;
        try {
            listening = new ServerSocket(port, 1024, InetAddress.getByName(address));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        daemon(this::accept);
    }

    /** An origin that runs {@code script} for each request. */
    public static RawOrigin answering(Script script) {
        return new RawOrigin(script, 0, "127.0.0.1");
    }

    /** The same at another address of this machine, with that port. */
    public static RawOrigin answering(Script script, int port, String address) {
        return new RawOrigin(script, port, address);
    }

    /** An origin that sends the first response to the first request, and so on; the last one to all that follow. */
    public static RawOrigin sending(String... responses) {
        return answering(call -> {
            call.body();
            call.send(responses[Math.min(call.number(), responses.length) - 1]);
        });
    }

    /** A well-formed 200 with these header lines and that body. */
    public static String ok(String body, String... headerLines) {
        String lines = headerLines.length == 0 ? "" : String.join("\r\n", headerLines) + "\r\n";
        return "HTTP/1.1 200 OK\r\n" + lines + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    public URI uri() {
        return URI.create("http://localhost:" + listening.getLocalPort());
    }

    /** How many requests came. */
    public int count() {
        return count.get();
    }

    /** How many connections were accepted. */
    public int accepted() {
        return accepted.get();
    }

    /** How many connections are open. */
    public int connections() {
        return open.size();
    }

    /** The heads of the requests, byte for byte, in the order they came. */
    public List<String> heads() {
        return heads;
    }

    public String lastHead() {
        return heads.get(heads.size() - 1);
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                open.add(socket);
                accepted.incrementAndGet();
                daemon(() -> converse(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void converse(Socket socket) {
        try (socket) {
            while (!socket.isClosed()) {
                String head = Wire.head(socket.getInputStream());
                if (head.isEmpty()) {
                    return;
                }
                heads.add(head);
                script.answer(new OriginCall(socket, head, count.incrementAndGet()));
            }
        } catch (Exception proxyGone) {
            // the connection ends here, as it does for an origin
        } finally {
            open.remove(socket);
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "origin");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            listening.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
