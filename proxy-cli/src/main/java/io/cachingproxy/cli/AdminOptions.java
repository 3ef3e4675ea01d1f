package io.cachingproxy.cli;

import io.cachingproxy.cli.admin.AdminToken;
import io.cachingproxy.jetty.ListenerSettings;
import io.cachingproxy.net.SmallFile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Command-line options of the admin listener. */
final class AdminOptions {
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

    @Option(
            names = "--admin-read-token-file",
            paramLabel = "FILE",
            description = "A token for reading only, besides --admin-token-file.")
    private Optional<Path> adminReadTokenFile = Optional.empty();

    @Option(
            names = "--admin-tls-cert",
            paramLabel = "FILE",
            description =
                    "Serve the admin listener over TLS: the certificate and its chain, PEM. Read again when it changes.")
    private Optional<Path> certificate = Optional.empty();

    @Option(names = "--admin-tls-key", paramLabel = "FILE", description = "Its key: PEM, PKCS #8, not encrypted.")
    private Optional<Path> key = Optional.empty();

    @Option(names = "--no-admin", description = "No admin listener.")
    private boolean noAdmin;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** Whether the admin listener is on. */
    boolean isOn() {
        return !noAdmin || given("--admin-port");
    }

    /**
     * Settings of the admin listener; empty if it is off.
     *
     * @param proxy the port of the proxy itself
     */
    Optional<Settings.Admin> admin(Port proxy) {
        if (given("--no-admin") && given("--admin-port")) {
            throw wrong("--no-admin and --admin-port exclude each other");
        }
        return isOn()
                ? Optional.of(new Settings.Admin(adminHost, port(proxy), token(), readToken(), tls()))
                : Optional.empty();
    }

    private Optional<AdminToken> readToken() {
        if (adminReadTokenFile.isPresent() && adminTokenFile.isEmpty()) {
            throw wrong(source("--admin-read-token-file") + " needs --admin-token-file: without it no token is needed");
        }
        try {
            return adminReadTokenFile.isPresent() ? Optional.of(token(adminReadTokenFile.get())) : Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            throw wrong(source("--admin-read-token-file") + ": " + e.getMessage());
        }
    }

    private Optional<ListenerSettings.Certificate> tls() {
        if (certificate.isPresent() != key.isPresent()) {
            throw wrong("--admin-tls-cert and --admin-tls-key go together: one of them is missing");
        }
        return certificate.flatMap(chain -> key.map(its -> new ListenerSettings.Certificate(chain, its)));
    }

    private Port port(Port proxy) {
        Port admin = adminPort.orElseGet(() -> proxy.next()
                .orElseThrow(
                        () -> wrong("No port after " + proxy + " for the admin listener: --admin-port or --no-admin")));
        if (admin.number() == proxy.number() && proxy.number() != 0) {
            throw wrong("--admin-port " + admin + " is the port of the proxy itself");
        }
        return admin;
    }

    private static AdminToken token(Path file) throws IOException {
        SmallFile.check(file);
        return AdminToken.in(file);
    }

    private Optional<AdminToken> token() {
        try {
            Optional<AdminToken> token = Optional.empty();
            if (adminTokenFile.isPresent()) {
                token = Optional.of(token(adminTokenFile.get()));
            }
            if (token.isEmpty() && !InetAddress.getByName(adminHost).isLoopbackAddress()) {
                throw wrong(
                        "--admin-host " + adminHost + " is not the loopback interface: it needs --admin-token-file");
            }
            return token;
        } catch (UnknownHostException e) {
            throw wrong(source("--admin-host") + ": '" + adminHost + "' is not an address");
        } catch (IOException | IllegalArgumentException e) {
            throw wrong(source("--admin-token-file") + ": " + e.getMessage());
        }
    }

    private boolean given(String option) {
        return spec.commandLine().getParseResult().hasMatchedOption(option);
    }

    private String source(String option) {
        return EnvironmentDefaults.source(spec, option);
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
