package io.cachingproxy.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** A {@code redis-server} process on a free port, without persistence unless its options say so. */
public final class RedisProcess implements AutoCloseable {
    /** Below the ports that the system gives to clients, as are those for the cluster's own talk, 10,000 higher. */
    private static final AtomicInteger NEXT_PORT =
            new AtomicInteger(10_000 + (int) (ProcessHandle.current().pid() % 200) * 50);

    private final Path directory;
    private final int port;
    private final List<String> command;
    private Process process;

    private RedisProcess(Path directory, int port, List<String> command) throws IOException {
        this.directory = directory;
        this.port = port;
        this.command = command;
        this.process = launch();
    }

    /** Starts a server and waits until it answers. */
    public static RedisProcess start(String... options) {
        return start(RedisBinary.EMBEDDED, options);
    }

    /** The same with this binary; the test is skipped where there is none. */
    public static RedisProcess start(RedisBinary binary, String... options) {
        try {
            Path directory = Files.createTempDirectory("redis");
            int port = freePort();
            List<String> command = new ArrayList<>(List.of(binary.path(), "--port", Integer.toString(port)));
            command.addAll(List.of("--save", "", "--appendonly", "no", "--dir", directory.toString()));
            command.addAll(List.of(options));
            RedisProcess redis = new RedisProcess(directory, port, command);
            redis.awaitAnswer();
            return redis;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a sentinel that watches {@code master} under the name {@code mymaster}, and decides alone. */
    static RedisProcess startSentinel(RedisProcess master) {
        try {
            Path directory = Files.createTempDirectory("sentinel");
            int port = freePort();
            String watch = "sentinel monitor mymaster 127.0.0.1 " + master.port() + " 1\n"
                    + "sentinel down-after-milliseconds mymaster 500\n"
                    + "sentinel failover-timeout mymaster 3000\n";
            Path config = Files.writeString(directory.resolve("sentinel.conf"), "port " + port + "\n" + watch);
            RedisProcess sentinel = new RedisProcess(
                    directory, port, List.of(RedisBinary.EMBEDDED.path(), config.toString(), "--sentinel"));
            sentinel.awaitAnswer();
            return sentinel;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A port that nobody listens on, nor on the one 10,000 higher, which a node of a cluster takes too. */
    public static int freePort() {
        while (true) {
            int port = NEXT_PORT.getAndIncrement();
            if (isFree(port) && isFree(port + 10_000)) {
                return port;
            }
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket free = new ServerSocket(port)) {
            return free.isBound();
        } catch (IOException taken) {
            return false;
        }
    }

    private Process launch() throws IOException {
        return new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile()))
                .start();
    }

    private void awaitAnswer() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(20))
                .until(this::answers);
    }

    private boolean answers() {
        try (RespClient client = new RespClient(port)) {
            String answer = String.valueOf(client.send("PING"));
            return answer.equals("PONG") || answer.contains("NOAUTH");
        } catch (IOException e) {
            return false;
        }
    }

    public int port() {
        return port;
    }

    public String url() {
        return "redis://127.0.0.1:" + port;
    }

    /** Sends one command over a connection of its own; integers come as Long, strings as String, arrays as List. */
    public Object command(String... words) {
        try (RespClient client = new RespClient(port)) {
            return client.send(words);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the process as {@code kill -9} does. */
    public void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** Starts it again on the same port, with what it had persisted. */
    public void restart() {
        try {
            process = launch();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitAnswer();
    }

    /** Stops the process as {@code kill -STOP} does: connections stay, nothing answers. */
    public void freeze() {
        signal("-STOP");
    }

    public void thaw() {
        signal("-CONT");
    }

    private void signal(String signal) {
        try {
            int status = new ProcessBuilder("kill", signal, Long.toString(process.pid()))
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new IllegalStateException("kill " + signal + " ended with " + status);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("redis-server does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        kill();
    }
}
