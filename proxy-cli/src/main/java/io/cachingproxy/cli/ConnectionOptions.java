package io.cachingproxy.cli;

import io.cachingproxy.cli.config.OriginUrl;
import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.jetty.ListenerSettings;
import io.cachingproxy.jetty.debug.DebugTokens;
import io.cachingproxy.origin.OriginProtocol;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Command-line options for connections of clients and origins. */
final class ConnectionOptions {
    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "Serve over TLS: the certificate and its chain, PEM. Read again when it changes.")
    private Optional<Path> certificate = Optional.empty();

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Its key: PEM, PKCS #8, not encrypted.")
    private Optional<Path> key = Optional.empty();

    @Option(
            names = "--origin-ca",
            paramLabel = "FILE",
            description = "Who vouches for an https origin, PEM. Default: whom Java trusts.")
    private Optional<Path> originAuthorities = Optional.empty();

    @Option(
            names = "--origin-protocol",
            paramLabel = "NAME",
            description =
                    "http1 (default), auto (HTTP/2 where an https origin offers it), or h2c (HTTP/2 to an http origin).")
    private OriginProtocol originProtocol = OriginProtocol.HTTP1;

    @Option(
            names = "--drain",
            paramLabel = "DURATION",
            description = "How long to go on accepting when told to stop, no longer ready. Default: 1s.")
    private Duration drain = Duration.ofSeconds(1);

    @Option(
            names = "--purge-from",
            paramLabel = "CIDR[,CIDR...]",
            description = "Which addresses may send PURGE to --port. Default: none.")
    private AddressRanges purgeFrom = AddressRanges.NONE;

    @Option(
            names = "--debug-secret-file",
            paramLabel = "FILE",
            description =
                    "Whose content signs the tokens of debug-token: requests with one get Cache-Debug. Default: none.")
    private Optional<Path> debugSecret = Optional.empty();

    @Option(
            names = "--trusted-peers",
            paramLabel = "CIDR",
            description =
                    "Proxies in front whose X-Forwarded-* and similar fields are passed on, such as 10.0.0.0/8,::1."
                            + " Default: none.")
    private Optional<AddressRanges> trustedPeers = Optional.empty();

    @Option(
            names = "--proxy-protocol",
            description = "Connections of trusted peers begin with the PROXY protocol, version 1 or 2.")
    private boolean proxyProtocol;

    @Option(
            names = "--pass-underscore-headers",
            description = "Forward request fields with _ or . in their names. Default: dropped, as CGI reads _ as -.")
    private boolean passUnderscores;

    @Mixin
    private final LimitOptions limits = new LimitOptions();

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    OriginProtocol originProtocol() {
        return originProtocol;
    }

    /** Whether a minimum rate is set, so that slow clients are cut off. */
    boolean hasMinRate() {
        return limits.hasMinRate();
    }

    /**
     * The listeners.
     *
     * @param several the listeners of the configuration file; empty: the one of these options
     */
    List<ListenerSettings> listeners(List<ListenerSettings> several, String host, Port port) {
        List<ListenerSettings> listeners = several.isEmpty()
                ? List.of(new ListenerSettings(host, port.number(), tls(), proxyProtocol, OptionalInt.empty()))
                : several;
        if (trustedPeers.isEmpty() && listeners.stream().anyMatch(ListenerSettings::proxyProtocol)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--proxy-protocol needs --trusted-peers: anyone could choose an address with it");
        }
        return listeners;
    }

    private Optional<ListenerSettings.Tls> tls() {
        if (certificate.isPresent() != key.isPresent()) {
            throw new ParameterException(
                    spec.commandLine(), "--tls-cert and --tls-key go together: one of them is missing");
        }
        return certificate.flatMap(chain ->
                key.map(its -> new ListenerSettings.Tls(List.of(new ListenerSettings.Certificate(chain, its)), null)));
    }

    private Optional<DebugTokens> debug() {
        try {
            return debugSecret.map(DebugSecret::in);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(),
                    EnvironmentDefaults.source(spec, "--debug-secret-file") + ": " + e.getMessage(),
                    e);
        }
    }

    /** Whether requests with a token are explained. */
    boolean hasDebugSecret() {
        return debugSecret.isPresent();
    }

    Settings.Connections connections(Collection<URI> origins) {
        if (originProtocol == OriginProtocol.H2C && origins.stream().anyMatch(OriginUrl::isSecure)) {
            throw new ParameterException(
                    spec.commandLine(), "--origin-protocol h2c is for an http origin; use auto for an https one");
        }
        return new Settings.Connections(
                drain,
                new Settings.Peers(trustedPeers, passUnderscores, purgeFrom, debug()),
                new Settings.ToOrigins(originProtocol, originAuthorities, limits.timeouts()),
                limits.limits(),
                limits.waiters());
    }
}
