package io.cachingproxy.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notifies systemd of the state of a unit with {@code Type=notify}, which sets {@code NOTIFY_SOCKET}. The JVM has no
 * datagram sockets of Unix, so the command {@code systemd-notify} sends the notification; the unit needs {@code
 * NotifyAccess=all}.
 */
final class ServiceManager {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceManager.class);

    private final boolean isPresent;

    ServiceManager(Map<String, String> environment) {
        isPresent = environment.containsKey("NOTIFY_SOCKET");
    }

    /** The listeners accept connections. */
    void ready(String status) {
        send("--ready", "--status=" + status);
    }

    /** The process ends. */
    void stopping() {
        send("--no-block", "STOPPING=1"); // the stop does not wait for the service manager
    }

    private void send(String... arguments) {
        if (!isPresent) {
            return;
        }
        List<String> command = new ArrayList<>(List.of("systemd-notify"));
        command.addAll(List.of(arguments));
        try {
            int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
            if (exit != 0) {
                LOG.warn("systemd-notify failed with exit code {}", exit);
            }
        } catch (IOException missing) {
            LOG.warn("systemd is not notified: {}", missing.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
