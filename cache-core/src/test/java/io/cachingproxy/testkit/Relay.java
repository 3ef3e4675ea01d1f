package io.cachingproxy.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Passes TCP connections on to a port, as well or as badly as it is told to; what was told holds at once. */
public final class Relay implements AutoCloseable {
    private static final int PIECE = 4096;

    private final ServerSocket server;
    private final int port;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Way way = new Way.Pass();

    private sealed interface Way {
        record Pass() implements Way {}

        /** Each piece of at most {@code bytes} bytes comes that much later than the one before. */
        record Trickle(Duration delay, int bytes) implements Way {}

        /** What the server says comes so much later; what the client says comes at once. */
        record Late(Duration delay) implements Way {}

        /** So many more bytes pass, then the connection that is at it ends. */
        record Cut(AtomicLong left) implements Way {}

        /** Nothing passes, and nobody is told. */
        record BlackHole() implements Way {}
    }

    private Relay(int port) throws IOException {
        this.port = port;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    /** A relay to {@code port} on the loopback interface. */
    public static Relay to(int port) {
        try {
            return new Relay(port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return server.getLocalPort();
    }

    public void pass() {
        way = new Way.Pass();
    }

    public void trickle(Duration delay, int bytes) {
        way = new Way.Trickle(delay, bytes);
    }

    /** Has each answer come that much later, however many there are. */
    public void answerLate(Duration delay) {
        way = new Way.Late(delay);
    }

    /** Ends the connection over which the next {@code bytes} bytes have passed, of all together; then passes all. */
    public void cutAfter(long bytes) {
        way = new Way.Cut(new AtomicLong(bytes));
    }

    public void swallow() {
        way = new Way.BlackHole();
    }

    /** Ends all connections with a reset. New ones are accepted. */
    public void reset() {
        sockets.forEach(socket -> {
            try {
                socket.setSoLinger(true, 0);
            } catch (IOException gone) {
                // Closed already.
            }
            close(socket);
        });
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Socket target = new Socket(InetAddress.getLoopbackAddress(), port);
                sockets.add(client);
                sockets.add(target);
                start(() -> pump(client, target));
                BlockingQueue<Piece> answers = new LinkedBlockingQueue<>();
                start(() -> receive(target, answers));
                start(() -> answer(client, target, answers));
            } catch (IOException refused) {
                // The server is away; or this is closed.
            }
        }
    }

    private void pump(Socket from, Socket to) {
        byte[] piece = new byte[PIECE];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                send(out, piece, count);
            }
        } catch (IOException ended) {
            // Both ends are closed.
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    /** What the server said, and when; nothing at the end. */
    private record Piece(byte[] bytes, long at) {}

    private static void receive(Socket server, BlockingQueue<Piece> answers) {
        try {
            InputStream in = server.getInputStream();
            byte[] piece = new byte[PIECE];
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                answers.add(new Piece(Arrays.copyOf(piece, count), System.nanoTime()));
            }
        } catch (IOException ended) {
            // As below.
        }
        answers.add(new Piece(new byte[0], System.nanoTime()));
    }

    private void answer(Socket client, Socket server, BlockingQueue<Piece> answers) {
        try (client;
                server) {
            OutputStream out = client.getOutputStream();
            for (Piece piece = answers.take(); piece.bytes().length > 0; piece = answers.take()) {
                if (way instanceof Way.Late late) {
                    long left = piece.at() + late.delay().toNanos() - System.nanoTime();
                    pause(Duration.ofNanos(Math.max(left, 0)));
                }
                send(out, piece.bytes(), piece.bytes().length);
            }
        } catch (IOException ended) {
            // Both ends are closed.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            sockets.remove(client);
            sockets.remove(server);
        }
    }

    /** What comes into a black hole never comes out, also if there is a way again: the stream has a gap and ends. */
    private void send(OutputStream out, byte[] piece, int count) throws IOException {
        for (int at = 0; at < count; ) {
            int more = count - at;
            if (way instanceof Way.BlackHole) {
                awaitWay();
                throw new IOException("bytes are missing");
            }
            if (way instanceof Way.Trickle trickle) {
                pause(trickle.delay());
                more = Math.min(more, trickle.bytes());
            }
            if (way instanceof Way.Cut cut && cut.left().addAndGet(-more) < 0) {
                pass();
                throw new IOException("cut");
            }
            out.write(piece, at, more);
            at += more;
        }
    }

    private void awaitWay() throws IOException {
        while (way instanceof Way.BlackHole) {
            pause(Duration.ofMillis(20));
        }
    }

    private void pause(Duration time) throws IOException {
        try {
            if (closed.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IOException("closed");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "relay");
        thread.setDaemon(true);
        thread.start();
    }

    private static void close(AutoCloseable socket) {
        try {
            socket.close();
        } catch (Exception e) {
            // Closed enough.
        }
    }

    @Override
    public void close() {
        closed.countDown();
        close(server);
        sockets.forEach(Relay::close);
    }
}
