package io.cachingproxy.cli;

import io.cachingproxy.cli.admin.AdminToken;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options of the commands that send requests to the admin listener of a running instance. */
final class AdminAddress {
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration ANSWER = Duration.ofSeconds(30);

    @Option(
            names = "--admin",
            paramLabel = "URL",
            description = "The admin listener of the instance. Default: http://127.0.0.1:8001.")
    private URI admin = URI.create("http://127.0.0.1:8001");

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "Whose content is the bearer token of the admin listener.")
    private Optional<Path> tokenFile = Optional.empty();

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /**
     * Sends a JSON document.
     *
     * @throws Failure if no instance answers
     */
    HttpResponse<String> post(String path, String json) throws Failure {
        String base = admin.toString().replaceFirst("/$", "");
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .header("Content-Type", "application/json")
                .timeout(ANSWER);
        token().ifPresent(token -> request.header("Authorization", token.authorization()));
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(CONNECT)
                .build();
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new Failure("No instance answers on " + admin + ": see --admin", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("Interrupted", e);
        }
    }

    private Optional<AdminToken> token() {
        try {
            return tokenFile.map(AdminToken::in);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--token-file: " + e.getMessage(), e);
        }
    }
}
