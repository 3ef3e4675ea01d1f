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
        List<Entry> entries = new ArrayList<>();
        for (Value item : items) {
            Entry entry = problems.attempt(item, () -> entry(item));
            if (entry != null) {
                entries.add(entry);
            }
        }
        OptionalInt https = entries.stream()
                .map(Entry::listener)
                .filter(it -> it.tls().isPresent())
                .mapToInt(ListenerSettings::port)
                .findFirst();
        boolean areAllRead = entries.size() == items.size();
        List<ListenerSettings> read = new ArrayList<>();
        for (Entry entry : entries) {
            ListenerSettings listener = problems.attempt(entry.item(), () -> redirected(entry, https, areAllRead));
            if (listener != null) {
                if (isTaken(listener, read)) {
                    problems.error(
                            entry.item().place(), entry.item().path(), "has the host and port of another listener");
                }
                read.add(listener);
            }
        }
        return read;
    }

    /** A listener, whose redirect is resolved once all listeners are read. */
    private record Entry(
            Value item, ListenerSettings listener, @Nullable Value redirect) {}

    private static boolean isTaken(ListenerSettings listener, List<ListenerSettings> others) {
        return listener.port() != 0
                && others.stream()
                        .anyMatch(
                                it -> it.port() == listener.port() && it.host().equals(listener.host()));
    }

    private static Entry entry(Value value) {
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
        ListenerSettings listener = new ListenerSettings(
                host == null ? HOST : host.text(),
                port(port),
                tls,
                proxyProtocol != null && proxyProtocol.bool(),
                OptionalInt.empty());
        return new Entry(value, listener, redirect);
    }

    /**
     * The listener with its redirect.
     *
     * @param https the port of the first listener with TLS
     * @param areAllRead whether the listeners have no errors: else {@code https} may be that of a listener with one
     */
    private static ListenerSettings redirected(Entry entry, OptionalInt https, boolean areAllRead) {
        Value redirect = entry.redirect();
        ListenerSettings it = entry.listener();
        if (redirect == null || (!areAllRead && redirect.text().equals("true"))) {
            return it;
        }
        return new ListenerSettings(it.host(), it.port(), it.tls(), it.proxyProtocol(), redirect(redirect, https));
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
