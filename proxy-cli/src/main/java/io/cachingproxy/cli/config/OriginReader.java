package io.cachingproxy.cli.config;

import io.cachingproxy.cli.config.Configuration.Origin;
import io.cachingproxy.http.syntax.FieldValues;
import io.cachingproxy.origin.ConnectionSettings;
import io.cachingproxy.origin.ConnectionSettings.Identity;
import io.cachingproxy.origin.ConnectionSettings.Timeouts;
import io.cachingproxy.origin.ConnectionSettings.Tls;
import io.cachingproxy.origin.NameResolver;
import io.cachingproxy.origin.OriginProtocol;
import io.cachingproxy.origin.balance.Balance;
import io.cachingproxy.origin.balance.Balance.HashOn;
import io.cachingproxy.origin.balance.OriginSettings;
import io.cachingproxy.origin.balance.OriginSettings.Check;
import io.cachingproxy.origin.balance.OriginSettings.Eject;
import io.cachingproxy.origin.balance.OriginSettings.Retry;
import io.cachingproxy.origin.balance.OriginSettings.Server;
import io.cachingproxy.rules.StatusRange;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code origins}. */
final class OriginReader {
    private static final String ORIGIN = "origin";
    private static final String CLIENT = "client";
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]+(:\\d{1,5})?|\\[[0-9A-Fa-f:.]+](:\\d{1,5})?");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,100}");
    private static final Pattern SERVER_NAME = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");
    private static final Pattern DOTS = Pattern.compile("(?i)/(\\.|%2e){1,2}(/|$)");
    private static final int LEAST_RETRIED = 400;
    private static final Duration LEAST_INTERVAL = Duration.ofMillis(100);
    private static final Pattern CHECK_PATH = Pattern.compile("/[!-~&&[^#]]*");

    private final Problems problems;
    private final Map<String, Value> values = new LinkedHashMap<>();

    OriginReader(Problems problems) {
        this.problems = problems;
    }

    /** The names of all origins, invalid ones included. */
    Set<String> names() {
        return Collections.unmodifiableSet(values.keySet());
    }

    /** Warns about origins that are not {@code used}. */
    void warnOfUnused(Set<String> used) {
        values.forEach((name, value) -> {
            if (!used.contains(name)) {
                problems.warning(value.place(), value.path(), "has no effect: no site and no rule names it");
            }
        });
    }

    Map<String, Origin> read(@Nullable Value origins) {
        Map<String, Origin> read = new LinkedHashMap<>();
        Map<String, Value> named = origins == null ? Map.of() : problems.attempt(origins, origins::named);
        if (named == null) {
            return read;
        }
        named.forEach((name, value) -> {
            values.put(name, value);
            if (!NAME.matcher(name).matches()) {
                problems.error(
                        value.place(), value.path(), "'" + name + "' is not a name: letters, digits, '.', '_' and '-'");
                return;
            }
            Origin origin = problems.attempt(value, () -> origin(name, value));
            if (origin != null) {
                read.put(name, origin);
            }
        });
        return read;
    }

    private @Nullable Origin origin(String name, Value value) {
        Map<String, Value> keys = value.section(Keys.ORIGIN);
        Value all = keys.get("servers");
        if (all == null) {
            throw value.wrong("has no servers: write servers: [http://10.0.0.1:8080]");
        }
        int before = problems.count();
        List<Server> servers = servers(all);
        Balance balance = read(value, () -> balance(keys), new Balance.RoundRobin());
        String host = read(value, () -> get(keys, "host", OriginReader::host, ORIGIN), ORIGIN);
        Optional<Check> check =
                read(value, () -> Optional.ofNullable(keys.get("check")).map(this::check), Optional.empty());
        Eject eject = read(value, () -> get(keys, "eject", this::eject, OriginSettings.EJECT), OriginSettings.EJECT);
        Retry retry = read(value, () -> get(keys, "retry", this::retry, OriginSettings.RETRY), OriginSettings.RETRY);
        Duration slowStart =
                read(value, () -> get(keys, "slow-start", OriginReader::duration, Duration.ZERO), Duration.ZERO);
        Optional<Duration> resolve = read(
                value, () -> Optional.ofNullable(keys.get("resolve")).map(OriginReader::interval), Optional.empty());
        ConnectionSettings connections = read(value, () -> connections(keys, servers), ConnectionSettings.DEFAULT);
        if (problems.count() > before) {
            return null;
        }
        boolean named = !host.equals(ORIGIN) && !host.equals(CLIENT);
        OriginSettings settings =
                new OriginSettings(servers, balance, named ? host : null, check, eject, retry, slowStart, resolve);
        boolean hasName = servers.stream().anyMatch(it -> NameResolver.isName(it.url()));
        Value unused = keys.get("resolve");
        if (unused != null && !hasName) {
            problems.warning(unused.place(), unused.path(), "has no effect: no server has a host name");
        }
        Optional<Duration> firstByte = connections.timeouts().firstByte();
        if (firstByte.isPresent()
                && eject.latency().isPresent()
                && firstByte.get().compareTo(eject.latency().get()) <= 0) {
            Value latency = Objects.requireNonNull(keys.get("eject"))
                    .section(Keys.EJECT)
                    .get("latency");
            problems.warning(
                    Objects.requireNonNull(latency).place(),
                    latency.path(),
                    "has no effect: timeouts.first-byte is not longer");
        }
        if (servers.size() == 1 && !(hasName && resolve.isPresent())) {
            warnOfNoEffect(keys);
        }
        return new Origin(name, settings, connections, host.equals(CLIENT));
    }

    /** The result of {@code reading}; if it fails, adds an error and returns {@code otherwise}. */
    private <T> T read(Value value, Supplier<T> reading, T otherwise) {
        T read = problems.attempt(value, reading);
        return read == null ? otherwise : read;
    }

    /** The result of {@code read} for the value of a key; {@code otherwise} if the key is missing. */
    private static <T> T get(Map<String, Value> keys, String key, Function<Value, T> read, T otherwise) {
        Value value = keys.get(key);
        return value == null ? otherwise : read.apply(value);
    }

    private void warnOfNoEffect(Map<String, Value> keys) {
        for (String key : List.of("balance", "hash-on", "eject", "retry", "slow-start")) {
            Value value = keys.get(key);
            if (value != null) {
                problems.warning(value.place(), value.path(), "has no effect: the origin has one server");
            }
        }
    }

    private List<Server> servers(Value servers) {
        List<Value> all = servers.oneOrMore();
        if (all.isEmpty()) {
            throw servers.wrong("is empty: write a server, as http://10.0.0.1:8080");
        }
        List<Server> read = new ArrayList<>();
        Set<String> urls = new HashSet<>();
        for (Value value : all) {
            Server server = problems.attempt(value, () -> server(value));
            if (server == null) {
                continue;
            }
            if (!urls.add(authority(server.url()) + path(server.url()))) {
                problems.error(value.place(), value.path(), "the server " + server.url() + " is there twice");
            }
            read.add(server);
        }
        if (!read.isEmpty() && read.stream().allMatch(Server::backup)) {
            throw servers.wrong("all servers are backups: one has to be none");
        }
        return read;
    }

    /** Scheme, host and port. */
    private static String authority(URI server) {
        int usual = OriginUrl.isSecure(server) ? 443 : 80;
        int port = server.getPort() < 0 ? usual : server.getPort();
        return (server.getScheme() + "://" + server.getHost()).toLowerCase(Locale.ROOT) + ":" + port;
    }

    private static String path(URI server) {
        return server.getRawPath().replaceFirst("/$", "");
    }

    private static URI url(String text) {
        URI url = OriginUrl.parse(text);
        if (DOTS.matcher(url.getRawPath()).find()) {
            throw new IllegalArgumentException("'" + text + "' has . or .. in its path");
        }
        return url;
    }

    private static Server server(Value value) {
        if (!value.isMap()) {
            return new Server(value.parsed(OriginReader::url), 1, false);
        }
        Map<String, Value> keys = value.section(Keys.SERVER);
        Value url = keys.get("url");
        if (url == null) {
            throw value.wrong("has no url: write http://10.0.0.1:8080");
        }
        Value weight = keys.get("weight");
        int share = weight == null ? 1 : weight.number();
        if (weight != null && (share < 1 || share > 1_000)) {
            throw weight.wrong("'" + share + "' is not from 1 to 1000");
        }
        Value backup = keys.get("backup");
        return new Server(url.parsed(OriginReader::url), share, backup != null && backup.bool());
    }

    private static Balance balance(Map<String, Value> keys) {
        Value balance = keys.get("balance");
        Value hashOn = keys.get("hash-on");
        String name = balance == null ? "round-robin" : balance.text();
        if (hashOn != null && !name.equals("hash")) {
            throw hashOn.wrong("belongs to balance: hash");
        }
        return switch (name) {
            case "round-robin" -> new Balance.RoundRobin();
            case "least-requests" -> new Balance.LeastRequests();
            case "random" -> new Balance.Random();
            case "hash" -> new Balance.Hash(hashOn == null ? new HashOn.Path() : hashOn.parsed(OriginReader::hashOn));
            default ->
                throw Objects.requireNonNull(balance)
                        .wrong("'" + name + "' is not round-robin, least-requests, random or hash");
        };
    }

    private static HashOn hashOn(String text) {
        String[] words = text.strip().split("\\s+", 2);
        if (words.length == 2 && words[0].equals("header") && FieldValues.isToken(words[1])) {
            return new HashOn.Header(words[1]);
        }
        if (words.length == 2 && words[0].equals("cookie") && FieldValues.isToken(words[1])) {
            return new HashOn.Cookie(words[1]);
        }
        return switch (text) {
            case "path" -> new HashOn.Path();
            case "client" -> new HashOn.Client();
            default ->
                throw new IllegalArgumentException("'" + text + "' is not path, client, header NAME or cookie NAME");
        };
    }

    private static String host(Value host) {
        String text = host.text();
        if (!text.equals(ORIGIN)
                && !text.equals(CLIENT)
                && (text.equalsIgnoreCase(ORIGIN) || text.equalsIgnoreCase(CLIENT))) {
            throw host.wrong("'" + text + "' is a host name; did you mean `" + text.toLowerCase(Locale.ROOT) + "`?");
        }
        if (!text.equals(ORIGIN) && !text.equals(CLIENT) && !HOST.matcher(text).matches()) {
            throw host.wrong("'" + text + "' is not origin, for its own, client, for the client's, or a host name");
        }
        return text;
    }

    private Check check(Value value) {
        Map<String, Value> keys = value.section(Keys.CHECK);
        Value path = keys.get("path");
        if (path == null) {
            throw value.wrong("has no path: write path: /health");
        }
        if (!CHECK_PATH.matcher(path.text()).matches()) {
            throw path.wrong("'" + path.text() + "' is not a path, as /health");
        }
        return new Check(
                path.text(),
                get(keys, "every", OriginReader::interval, Duration.ofSeconds(5)),
                get(keys, "timeout", OriginReader::positive, Duration.ofSeconds(1)),
                get(keys, "status", OriginReader::statuses, List.of(new StatusRange(200, 399))),
                get(keys, "passes", OriginReader::atLeastOne, 2),
                get(keys, "fails", OriginReader::atLeastOne, 3));
    }

    private Eject eject(Value value) {
        Map<String, Value> keys = value.section(Keys.EJECT);
        Value failures = keys.get("failures");
        if (failures != null && failures.number() == 0) {
            for (String key : List.of("latency", "for", "at-most")) {
                Value unused = keys.get(key);
                if (unused != null) {
                    problems.warning(unused.place(), unused.path(), "has no effect with failures: 0");
                }
            }
        }
        return new Eject(
                get(keys, "failures", Value::number, OriginSettings.EJECT.failures()),
                Optional.ofNullable(keys.get("latency")).map(OriginReader::positive),
                get(keys, "for", OriginReader::positive, OriginSettings.EJECT.period()),
                get(keys, "at-most", OriginReader::percent, OriginSettings.EJECT.atMostPercent()));
    }

    private Retry retry(Value value) {
        Map<String, Value> keys = value.section(Keys.RETRY);
        boolean connect = OriginSettings.RETRY.connect();
        List<StatusRange> statuses = new ArrayList<>(OriginSettings.RETRY.statuses());
        Value reasons = keys.get("on");
        if (reasons != null) {
            connect = false;
            if (reasons.oneOrMore().isEmpty()) {
                throw reasons.wrong("is empty: write a reason, or attempts: 0 for no retries");
            }
            for (Value on : reasons.oneOrMore()) {
                if (on.text().equals("connect")) {
                    connect = true;
                } else {
                    statuses.add(on.parsed(OriginReader::retriedStatus));
                }
            }
        }
        return new Retry(
                get(keys, "attempts", Value::number, OriginSettings.RETRY.attempts()),
                connect,
                statuses,
                get(keys, "budget", OriginReader::percent, OriginSettings.RETRY.budgetPercent()));
    }

    private static List<StatusRange> statuses(Value value) {
        if (value.oneOrMore().isEmpty()) {
            throw value.wrong("is empty: write a status, as 200-399");
        }
        return value.oneOrMore().stream()
                .map(it -> it.parsed(StatusRange::parse))
                .toList();
    }

    private static StatusRange retriedStatus(String text) {
        StatusRange range;
        try {
            range = StatusRange.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + text + "' is neither connect nor a status, as 503 or 5xx", e);
        }
        if (range.first() < LEAST_RETRIED) {
            throw new IllegalArgumentException("'" + text + "' is no error: a retry needs a status from 400 to 599");
        }
        return range;
    }

    private static int percent(Value value) {
        return value.parsed(OriginReader::percent);
    }

    private static int percent(String text) {
        if (!text.matches("\\d{1,3}%") || Integer.parseInt(text.substring(0, text.length() - 1)) > 100) {
            throw new IllegalArgumentException("'" + text + "' is not from 0% to 100%");
        }
        return Integer.parseInt(text.substring(0, text.length() - 1));
    }

    private static Duration duration(Value value) {
        return value.parsed(Durations::parse);
    }

    private ConnectionSettings connections(Map<String, Value> keys, List<Server> servers) {
        boolean secure = servers.stream().anyMatch(it -> OriginUrl.isSecure(it.url()));
        Optional<OriginProtocol> protocol =
                Optional.ofNullable(keys.get("protocol")).map(value -> protocol(value, secure));
        Value tls = keys.get("tls");
        if (tls != null && !secure && !servers.isEmpty()) {
            problems.warning(tls.place(), tls.path(), "has no effect: no server begins with https://");
        }
        return new ConnectionSettings(
                get(keys, "timeouts", OriginReader::timeouts, Timeouts.NONE),
                protocol,
                Optional.ofNullable(tls).map(OriginReader::tls),
                Optional.ofNullable(keys.get("connections"))
                        .flatMap(it ->
                                Optional.ofNullable(it.section(Keys.CONNECTIONS).get("max-lifetime")))
                        .map(OriginReader::positive));
    }

    private static OriginProtocol protocol(Value value, boolean secure) {
        return switch (value.text()) {
            case "http1" -> OriginProtocol.HTTP1;
            case "auto" -> OriginProtocol.AUTO;
            case "h2c" -> {
                if (secure) {
                    throw value.wrong("h2c is for http servers; write auto for https");
                }
                yield OriginProtocol.H2C;
            }
            default -> throw value.wrong("'" + value.text() + "' is not http1, auto or h2c");
        };
    }

    private static Timeouts timeouts(Value value) {
        Map<String, Value> keys = value.section(Keys.TIMEOUTS);
        return new Timeouts(
                Optional.ofNullable(keys.get("connect")).map(OriginReader::positive),
                Optional.ofNullable(keys.get("first-byte")).map(OriginReader::positive),
                Optional.ofNullable(keys.get("idle")).map(OriginReader::positive),
                Optional.ofNullable(keys.get("total")).map(OriginReader::positive));
    }

    private static Tls tls(Value value) {
        Map<String, Value> keys = value.section(Keys.ORIGIN_TLS);
        Optional<Path> certificate =
                Optional.ofNullable(keys.get("certificate")).map(OriginReader::file);
        Optional<Path> key = Optional.ofNullable(keys.get("key")).map(OriginReader::file);
        if (certificate.isPresent() != key.isPresent()) {
            throw value.wrong("certificate and key go together: one of them is missing");
        }
        Tls tls = new Tls(
                Optional.ofNullable(keys.get("ca")).map(OriginReader::file),
                certificate.flatMap(chain -> key.map(its -> new Identity(chain, its))),
                Optional.ofNullable(keys.get("server-name")).map(OriginReader::serverName));
        try {
            tls.read(null);
        } catch (IOException e) {
            throw value.wrong(String.valueOf(e.getMessage()));
        }
        return tls;
    }

    private static Path file(Value value) {
        return value.parsed(Path::of);
    }

    private static String serverName(Value value) {
        if (!SERVER_NAME.matcher(value.text()).matches()) {
            throw value.wrong("'" + value.text() + "' is not a host name");
        }
        return value.text();
    }

    private static Duration interval(Value value) {
        Duration read = duration(value);
        if (read.compareTo(LEAST_INTERVAL) < 0) {
            throw value.wrong("is shorter than 100ms");
        }
        return read;
    }

    private static Duration positive(Value value) {
        Duration read = duration(value);
        if (read.isZero()) {
            throw value.wrong("is not longer than zero");
        }
        return read;
    }

    private static int atLeastOne(Value value) {
        int read = value.number();
        if (read < 1) {
            throw value.wrong("is not at least 1");
        }
        return read;
    }
}
