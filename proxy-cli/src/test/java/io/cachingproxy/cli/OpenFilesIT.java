package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A process that may open few files goes on accepting, and says so at the start. */
@DisabledOnOs(OS.WINDOWS)
@Tag("resources")
class OpenFilesIT {
    private static final int IDLE = 400;

    @Test
    void idle_connections_beyond_what_the_process_may_open_block_nobody() throws Exception {
        List<Socket> idle = new ArrayList<>();
        try (TestOrigin origin = TestOrigin.start().on("/a", "hello");
                RunningProxy proxy = RunningProxy.startWithOpenFiles(256, origin.uri())) {
            assertThat(proxy.stderr().lines())
                    .singleElement()
                    .satisfies(line ->
                            assertThat(line).contains("WARN", "256 files (ulimit -n)", "--max-connections 16384"));
            for (int i = 0; i < IDLE; i++) {
                idle.add(new Socket(InetAddress.getLoopbackAddress(), proxy.port()));
            }
            assertThat(Client.get(proxy.uri("/a")).statusCode()).isEqualTo(200);
            assertThat(proxy.stderr()).doesNotContain("Too many open files");
        } finally {
            for (Socket socket : idle) {
                socket.close();
            }
        }
    }
}
