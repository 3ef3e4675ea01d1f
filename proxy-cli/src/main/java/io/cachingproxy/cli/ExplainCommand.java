package io.cachingproxy.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cachingproxy.HttpCache;
import io.cachingproxy.cli.admin.ExplainApi;
import io.cachingproxy.cli.admin.ExplainRequest;
import io.cachingproxy.cli.admin.ExplanationJson;
import io.cachingproxy.cli.config.ConfigurationException;
import io.cachingproxy.cli.text.Json;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.syntax.FieldLine;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.jetty.events.Redaction;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The command {@code caching-proxy explain}: why a URL is, or is not, answered from the cache and stored. The response is
 * requested from the origin; nothing is stored.
 */
@Command(
        name = "explain",
        description = "Explain why a URL is, or is not, answered from the cache and stored: by a running proxy, or with"
                + " --config or --origin without one. The origin is asked once; nothing is stored.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        sortOptions = false)
final class ExplainCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "URL", description = "The URL as clients request it.")
    private Optional<String> url = Optional.empty();

    @Option(
            names = "--id",
            paramLabel = "N",
            description = "Explain a recent request of the running proxy, by its number in GET /api/requests.")
    private Optional<Long> id = Optional.empty();

    @Option(
            names = {"-H", "--header"},
            paramLabel = "'NAME: VALUE'",
            description = "A header field of the request; may be repeated.")
    private List<String> headers = new ArrayList<>();

    @Option(names = "--method", paramLabel = "METHOD", description = "The method of the request. Default: GET.")
    private String method = "GET";

    @Mixin
    private final AdminAddress admin = new AdminAddress();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Explain by this configuration file and an empty cache, without a running proxy.")
    private Optional<Path> config = Optional.empty();

    @Option(
            names = "--origin",
            paramLabel = "URL",
            description = "Explain for this origin and an empty cache, without a running proxy.")
    private Optional<URI> origin = Optional.empty();

    @Option(names = "--json", description = "Print the explanation as JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private final Map<String, String> environment;

    ExplainCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws Failure, ConfigurationException {
        Logging.off();
        checkRequest();
        boolean alone = config.isPresent() || origin.isPresent();
        if (alone && (admin.isGiven() || admin.hasToken())) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--admin and --token-file are for a running proxy, --config and --origin explain without one");
        }
        Map<String, Object> explanation =
                alone ? alone(head()) : byInstance(id.isEmpty() ? body(head()) : Map.of("id", id.get()));
        if (json) {
            Lines.out(spec).println(Json.of(explanation));
        } else {
            ExplainReport.of(explanation).forEach(Lines.out(spec)::println);
        }
        return CommandLine.ExitCode.OK;
    }

    /** One request is explained: that of a URL, or a recent one as it was recorded. */
    private void checkRequest() {
        if (url.isPresent() == id.isPresent()) {
            throw new ParameterException(spec.commandLine(), "write the URL, or --id for a recent request");
        }
        boolean described = !headers.isEmpty() || !method.equals("GET") || config.isPresent() || origin.isPresent();
        if (id.isPresent() && described) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--id explains a request as the running proxy recorded it: remove -H, --method, --config and --origin");
        }
    }

    private RequestHead head() {
        try {
            Headers.Builder fields = Headers.builder();
            for (String line : headers) {
                FieldLine field = FieldLine.parse(line);
                fields.add(field.name(), field.value());
            }
            return ExplainRequest.head(method, url.orElseThrow(), fields.build());
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), String.valueOf(wrong.getMessage()));
        }
    }

    /** By the configuration and an empty cache. */
    private Map<String, Object> alone(RequestHead head) throws Failure, ConfigurationException {
        List<String> args = new ArrayList<>();
        config.ifPresent(file -> args.addAll(List.of("--config", file.toString())));
        origin.ifPresent(it -> args.addAll(List.of("--origin", it.toString())));
        Settings settings = new Launch(environment, args, spec.commandLine().getErr())
                .plan()
                .settings();
        Settings.Routes routes = settings.routes();
        ProxyServer.Builder builder =
                Instance.connected(settings).host("127.0.0.1").port(0);
        routes.origin().ifPresent(builder::origin);
        routes.named().forEach(builder::origin);
        try (HttpCache cache = HttpCache.builder()
                        .sites(routes.sites())
                        .maxObjectBytes(settings.storage().maxObject().bytes())
                        .build();
                ProxyServer proxy = builder.cache(cache)
                        .purgeFrom(settings.connections().peers().purgeFrom())
                        .build()) {
            proxy.start();
            Redaction redaction = new Redaction(settings.logged().redact());
            ExplainApi.Explained explained = new ExplainApi(cache, proxy.examination(), redaction)
                    .explain(new ExplainRequest(head, Optional.empty(), head.isSafe()))
                    .toCompletableFuture()
                    .get();
            return ExplanationJson.of(explained.explanation(), explained.response(), redaction);
        } catch (ExecutionException | IOException failed) {
            throw new Failure("Nothing explained: " + Failure.reason(failed), failed);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("Interrupted", e);
        }
    }

    /** By the admin listener of a running proxy. */
    private Map<String, Object> byInstance(Map<String, Object> request) throws Failure {
        try {
            HttpResponse<String> answer = admin.post(ExplainApi.PATH, Json.of(request), AdminClient.ANSWER);
            if (answer.statusCode() != 200) {
                throw new Failure(admin + " answered " + answer.statusCode() + " " + AdminClient.firstLine(answer));
            }
            return new JsonMapper()
                    .convertValue(admin.document(answer, "reuse"), new TypeReference<Map<String, Object>>() {});
        } catch (IOException e) {
            throw new Failure(
                    "No proxy answers on " + admin + ": name one with --admin, or explain with --config or --origin",
                    e);
        }
    }

    private static Map<String, Object> body(RequestHead head) {
        Map<String, List<String>> fields = new LinkedHashMap<>();
        for (int i = 0; i < head.headers().size(); i++) {
            fields.computeIfAbsent(head.headers().name(i), name -> new ArrayList<>())
                    .add(head.headers().value(i));
        }
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("method", head.method());
        body.put("url", head.target().url());
        body.put("headers", fields);
        body.put("fetch", head.isSafe());
        return body;
    }
}
