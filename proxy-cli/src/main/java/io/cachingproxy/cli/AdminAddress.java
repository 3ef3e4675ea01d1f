package io.cachingproxy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cachingproxy.cli.admin.AdminToken;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options of the commands that send requests to the admin listener of a running instance. */
final class AdminAddress {
    private static final URI DEFAULT = URI.create("http://127.0.0.1:8001");

    @Option(
            names = "--admin",
            paramLabel = "URL",
            description = "The admin listener of the instance. Default: http://127.0.0.1:8001.")
    private Optional<URI> admin = Optional.empty();

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "Whose content is the bearer token of the admin listener.")
    private Optional<Path> tokenFile = Optional.empty();

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** Whether {@code --admin} is given. */
    boolean isGiven() {
        return admin.isPresent();
    }

    /**
     * Sends a JSON document.
     *
     * @throws IOException if no instance answers
     * @throws Failure if the answer is not complete in time, or too long, or if the thread is interrupted
     */
    HttpResponse<String> post(String path, String json, Duration timeout) throws IOException, Failure {
        HttpRequest.Builder request = to(path).header("Content-Type", "application/json");
        return AdminClient.post(request, HttpRequest.BodyPublishers.ofString(json), token(), timeout);
    }

    /**
     * Reads a resource.
     *
     * @throws IOException if no instance answers
     * @throws Failure if the answer is not complete in time, or too long, or if the thread is interrupted
     */
    HttpResponse<String> get(String path, Duration timeout) throws IOException, Failure {
        return AdminClient.get(to(path), token(), timeout);
    }

    /** A request to the admin listener. */
    interface Sending {
        /** @throws IOException if no instance answers */
        HttpResponse<String> send() throws IOException, Failure;
    }

    /**
     * The answer to a request.
     *
     * @param statuses the statuses of an answer that is not an error
     * @throws Failure if no instance answers completely in time, or with another status
     */
    HttpResponse<String> answer(Set<Integer> statuses, Sending request) throws Failure {
        HttpResponse<String> answer;
        try {
            answer = request.send();
        } catch (IOException e) {
            throw new Failure("No instance answers on " + this + ": see --admin", e);
        }
        if (!statuses.contains(answer.statusCode())) {
            throw new Failure("The instance answered " + answer.statusCode() + " " + AdminClient.firstLine(answer));
        }
        return answer;
    }

    /**
     * The document of a resource.
     *
     * @param key a key that the document has
     * @throws Failure if no instance answers with such a document in time
     */
    JsonNode document(String path, String key) throws Failure {
        return document(answer(Set.of(200), () -> get(path, AdminClient.ANSWER)), key);
    }

    /** Whether {@code --token-file} is given. */
    boolean hasToken() {
        return tokenFile.isPresent();
    }

    /**
     * The document in an answer of the admin listener.
     *
     * @param key a key that the document has
     * @throws Failure if it is not such a document: another server has answered
     */
    JsonNode document(HttpResponse<String> answer, String key) throws Failure {
        try {
            JsonNode document = new ObjectMapper().readTree(answer.body());
            if (document != null && document.has(key)) {
                return document;
            }
        } catch (JsonProcessingException other) {
            // as below
        }
        throw new Failure("The answer of " + this + " is not that of an admin listener: see --admin");
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create(toString().replaceFirst("/$", "") + path));
    }

    private Optional<AdminToken> token() {
        try {
            return tokenFile.map(AdminToken::in);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--token-file: " + e.getMessage(), e);
        }
    }

    /** The URL of the admin listener. */
    @Override
    public String toString() {
        return admin.orElse(DEFAULT).toString();
    }
}
