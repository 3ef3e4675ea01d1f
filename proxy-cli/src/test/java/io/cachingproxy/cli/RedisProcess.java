package io.cachingproxy.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import redis.embedded.RedisServer;

/** A real redis-server on a port of its own, which can go away and come back. */
final class RedisProcess implements AutoCloseable {
    private final int port = FreePort.number();
    private RedisServer server = server();

    RedisProcess() throws IOException {
        server.start();
    }

    private RedisServer server() throws IOException {
        return RedisServer.newRedisServer()
                .port(port)
                .setting("bind 127.0.0.1")
                .setting("save \"\"")
                .build();
    }

    String url() {
        return "redis://127.0.0.1:" + port;
    }

    void goAway() throws IOException {
        server.stop();
    }

    void comeBack() throws IOException {
        server = server();
        server.start();
    }

    /** The first line of the reply to an inline command. */
    String ask(String command) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write((command + "\r\nQUIT\r\n").getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .findFirst()
                    .orElse("");
        }
    }

    @Override
    public void close() throws IOException {
        server.stop();
    }
}
