package io.cachingproxy.cli;

import io.cachingproxy.policy.Policy;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options as given, each valid by itself; {@link #settings()} and {@link #clearing()} see whether they agree. */
final class Options {
    @Option(
            names = "--origin",
            paramLabel = "URL",
            description = "Where responses come from: http or https, a path prefix allowed.")
    private Optional<URI> origin = Optional.empty();

    @Option(names = "--port", paramLabel = "N", description = "Port to listen on; 0: a free one. Default: 8000.")
    private Port port = new Port(8000);

    @Option(names = "--host", paramLabel = "ADDR", description = "Address to listen on. Default: 127.0.0.1.")
    private String host = "127.0.0.1";

    @Mixin
    private final RedisOptions redis = new RedisOptions();

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            description =
                    "What the cache in memory may take, with Redis the near cache. Default: 256MB, or half the heap.")
    private Optional<ByteSize> memory = Optional.empty();

    @Option(names = "--policy", paramLabel = "NAME", description = "standard (default), rfc9111 or override.")
    private PolicyName policy = PolicyName.STANDARD;

    @Option(
            names = "--default-ttl",
            paramLabel = "DURATION",
            description = "With standard: how long a 200 without a word about freshness is kept. Default: 300s.")
    private Duration defaultTtl = Policy.DEFAULT_TTL;

    @Option(
            names = "--ttl",
            paramLabel = "DURATION",
            description = "With override: how long every 200 is kept. Default: 300s.")
    private Duration ttl = Policy.DEFAULT_TTL;

    @Option(
            names = "--max-object-size",
            paramLabel = "SIZE",
            description = "Larger bodies are not stored. Default: 32MB.")
    private ByteSize maxObjectSize = ByteSize.megabytes(32);

    @Option(
            names = "--admin-port",
            paramLabel = "N",
            description = "Port of the admin listener. Default: the next after --port.")
    private Optional<Port> adminPort = Optional.empty();

    @Option(
            names = "--admin-host",
            paramLabel = "ADDR",
            description = "Its address; one that is not loopback needs a token. Default: 127.0.0.1.")
    private String adminHost = "127.0.0.1";

    @Option(
            names = "--admin-token-file",
            paramLabel = "FILE",
            description = "Whose content is the bearer token that clearing and purging then need.")
    private Optional<Path> adminTokenFile = Optional.empty();

    @Option(names = "--no-admin", description = "No admin listener.")
    private boolean noAdmin;

    @Mixin
    private final ConnectionOptions connections = new ConnectionOptions();

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** The name by which an option is known, the long one. */
    static String name(ArgSpec option) {
        return ((OptionSpec) option).longestName();
    }

    /** What to serve with. */
    Settings settings() {
        URI url = origin.orElseThrow(() -> wrong("Missing --origin URL, such as --origin https://example.org"));
        return new Settings(
                url,
                host,
                port,
                admin(),
                policy.policy(defaultTtl, ttl),
                new Settings.Storage(memory(), maxObjectSize, redis.redis()),
                connections.connections(url));
    }

    /** What to clear: Redis where one is given, else the running instance. */
    Clearing.Target clearing() {
        Optional<Settings.Redis> shared = redis.redis();
        if (shared.isPresent()) {
            return Clearing.redis(shared.get());
        }
        return Clearing.instance(admin().filter(listener -> listener.port().number() != 0)
                .orElseThrow(() -> wrong("--clear-cache needs --redis, or the --admin-port of a running instance")));
    }

    private Optional<Settings.Admin> admin() {
        return adminPort().map(number -> new Settings.Admin(adminHost, number, adminToken()));
    }

    private Optional<AdminToken> adminToken() {
        try {
            Optional<AdminToken> token = Optional.empty();
            if (adminTokenFile.isPresent()) {
                token = Optional.of(AdminToken.in(adminTokenFile.get()));
            }
            if (token.isEmpty() && !InetAddress.getByName(adminHost).isLoopbackAddress()) {
                throw wrong(
                        "--admin-host " + adminHost + " is not the loopback interface: it needs --admin-token-file");
            }
            return token;
        } catch (UnknownHostException e) {
            throw wrong(source("--admin-host") + ": '" + adminHost + "' is not an address");
        } catch (IllegalArgumentException e) {
            throw wrong(source("--admin-token-file") + ": " + e.getMessage());
        }
    }

    private Optional<Port> adminPort() {
        if (given("--no-admin") && given("--admin-port")) {
            throw wrong("--no-admin and --admin-port exclude each other");
        }
        if (noAdmin && !given("--admin-port")) {
            return Optional.empty();
        }
        Port admin = adminPort.orElseGet(() -> port.next()
                .orElseThrow(
                        () -> wrong("No port after " + port + " for the admin listener: --admin-port or --no-admin")));
        if (admin.number() == port.number() && port.number() != 0) {
            throw wrong("--admin-port " + admin + " is the port of the proxy itself");
        }
        return Optional.of(admin);
    }

    private ByteSize memory() {
        ByteSize heap = new ByteSize(Runtime.getRuntime().maxMemory());
        if (memory.isPresent() && memory.get().bytes() > heap.bytes()) {
            throw wrong(source("--memory") + ": " + memory.get() + " do not fit into the heap of " + heap
                    + ": start with java -Xmx");
        }
        return memory.orElseGet(
                () -> new ByteSize(Math.min(ByteSize.megabytes(256).bytes(), heap.bytes() / 2)));
    }

    private boolean given(String option) {
        return spec.commandLine().getParseResult().hasMatchedOption(option);
    }

    private String source(String option) {
        EnvironmentDefaults defaults = (EnvironmentDefaults) spec.defaultValueProvider();
        return given(option)
                ? option
                : defaults.variable(spec.findOption(option)).orElse(option);
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
