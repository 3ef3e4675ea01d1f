package io.cachingproxy.cli.config;

import io.cachingproxy.jetty.ListenerSettings;
import io.cachingproxy.jetty.ListenerSettings.Certificate;
import io.cachingproxy.jetty.ListenerSettings.Tls;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Parses {@code listeners}. */
final class ListenerReader {
    private static final String HOST = "127.0.0.1";
    private static final int MAX_PORT = 65535;

    private final Problems problems;

    ListenerReader(Problems problems) {
        this.problems = problems;
    }

    List<ListenerSettings> read(@Nullable Value listeners) {
        if (listeners == null) {
            return List.of();
        }
        List<Value> items = ConfigurationReader.items(listeners, problems);
        if (items.isEmpty() && problems.isEmpty()) {
            problems.error(listeners.place(), listeners.path(), "is empty: write a listener, or remove the key");
        }
        OptionalInt https = https(items);
        List<ListenerSettings> read = new ArrayList<>();
        for (Value item : items) {
            ListenerSettings listener = problems.attempt(item, () -> listener(item, https));
            if (listener != null) {
                boolean taken = read.stream()
                        .anyMatch(it -> it.port() == listener.port()
                                && it.port() != 0
                                && it.host().equals(listener.host()));
                if (taken) {
                    problems.error(item.place(), item.path(), "has the host and port of another listener");
                }
                read.add(listener);
            }
        }
        return read;
    }

    /** The port of the first listener with TLS. */
    private OptionalInt https(List<Value> items) {
        for (Value item : items) {
            if (item.isMap()) {
                Map<String, Value> keys = item.named();
                Value port = keys.get("port");
                if (keys.containsKey("tls") && port != null) {
                    Integer number = problems.attempt(port, () -> port(port));
                    return number == null ? OptionalInt.empty() : OptionalInt.of(number);
                }
            }
        }
        return OptionalInt.empty();
    }

    private ListenerSettings listener(Value value, OptionalInt https) {
        Map<String, Value> keys = value.section(Keys.LISTENER);
        Value port = keys.get("port");
        if (port == null) {
            throw value.wrong("has no port: write port: 8443");
        }
        Value host = keys.get("host");
        Value proxyProtocol = keys.get("proxy-protocol");
        Value redirect = keys.get("redirect-to-https");
        Optional<Tls> tls = Optional.ofNullable(keys.get("tls")).map(ListenerReader::tls);
        if (redirect != null && tls.isPresent()) {
            throw redirect.wrong("is for a listener without tls");
        }
        return new ListenerSettings(
                host == null ? HOST : host.text(),
                port(port),
                tls,
                proxyProtocol != null && proxyProtocol.bool(),
                redirect == null ? OptionalInt.empty() : redirect(redirect, https));
    }

    private static int port(Value value) {
        int port = value.number();
        if (port > MAX_PORT) {
            throw value.wrong("'" + port + "' is not from 0 to 65535");
        }
        return port;
    }

    private static OptionalInt redirect(Value value, OptionalInt https) {
        if (value.text().matches("true|false")) {
            if (!value.bool()) {
                return OptionalInt.empty();
            }
            if (https.orElse(0) == 0) {
                throw value.wrong("needs a listener with tls and a port, or write the port of https: 443");
            }
            return https;
        }
        int port = port(value);
        if (port == 0) {
            throw value.wrong("'0' is not from 1 to 65535");
        }
        return OptionalInt.of(port);
    }

    private static Tls tls(Value value) {
        Map<String, Value> keys = value.section(Keys.LISTENER_TLS);
        Value several = keys.get("certificates");
        List<Certificate> certificates = new ArrayList<>();
        Path folder = null;
        if (keys.containsKey("certificate") || keys.containsKey("key")) {
            certificates.add(certificate(value, keys));
        }
        if (several != null && several.isList()) {
            several.items().forEach(item -> certificates.add(certificate(item, item.section(Keys.CERTIFICATE))));
        } else if (several != null) {
            folder = several.parsed(Path::of);
        }
        if (certificates.isEmpty() && folder == null) {
            throw value.wrong("has no certificate: write certificate and key, or certificates");
        }
        Tls tls = new Tls(certificates, folder);
        try {
            tls.verify();
        } catch (IOException e) {
            throw value.wrong(String.valueOf(e.getMessage()));
        }
        return tls;
    }

    private static Certificate certificate(Value value, Map<String, Value> keys) {
        Value chain = keys.get("certificate");
        Value key = keys.get("key");
        if (chain == null || key == null) {
            throw value.wrong("certificate and key go together: one of them is missing");
        }
        return new Certificate(chain.parsed(Path::of), key.parsed(Path::of));
    }
}
