package io.cachingproxy.cli;

import io.cachingproxy.cli.config.OriginUrl;
import io.cachingproxy.cli.text.Controls;
import io.cachingproxy.cli.text.Json;
import io.cachingproxy.cli.warm.Pace;
import io.cachingproxy.cli.warm.ProgressBar;
import io.cachingproxy.cli.warm.ProxyClient;
import io.cachingproxy.cli.warm.Sitemaps;
import io.cachingproxy.cli.warm.Tally;
import io.cachingproxy.cli.warm.UrlList;
import io.cachingproxy.cli.warm.Warming;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.syntax.FieldLine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code caching-proxy warm}: requests URLs through a running proxy, so that they are stored. */
@Command(
        name = "warm",
        description = "Request URLs through a running proxy, so that their responses are stored.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        sortOptions = false,
        footer = {
            "",
            "Only hosts of the given URLs are requested, all of them at --proxy. Redirects are not followed.",
            "Exit codes: 0 done, 1 a URL failed (no response, or a status from 400 on), 2 wrong usage,"
                    + " 130 stopped by Ctrl-C."
        })
final class WarmCommand implements Callable<Integer> {
    private static final int STOPPED = 130;
    private static final int SHOWN_FAILURES = 20;
    private static final double MAX_RATE = 100_000;
    private static final int MAX_CONCURRENCY = 256;
    private static final Set<String> OF_THE_CONNECTION =
            Set.of("host", "connection", "content-length", "transfer-encoding", "te", "upgrade", "expect");

    @Parameters(paramLabel = "URL", description = "URLs as clients request them.", arity = "0..*")
    private List<String> urls = List.of();

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "A file with one URL a line, or - for stdin; # begins a comment. May be repeated.")
    private List<String> files = List.of();

    @Option(
            names = "--sitemap",
            paramLabel = "URL|FILE",
            description = "A sitemap or a sitemap index, also with gzip: its URLs. May be repeated.")
    private List<String> sitemaps = List.of();

    @Option(
            names = "--proxy",
            paramLabel = "URL",
            description = "The listener of the proxy to request the URLs from. Default: http://127.0.0.1:8000.")
    private URI proxy = URI.create("http://127.0.0.1:8000");

    @Option(names = "--rate", paramLabel = "N", description = "Requests per second. Default: 10.")
    private double rate = 10;

    @Option(names = "--concurrency", paramLabel = "N", description = "Requests in flight at most. Default: 4.")
    private int concurrency = 4;

    @Option(
            names = {"-H", "--header"},
            paramLabel = "'NAME: VALUE'",
            description = "A header field of each request; may be repeated.")
    private List<String> headers = List.of();

    @Option(names = "--json", description = "Print the summary as JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws Failure, InterruptedException {
        Headers fields = fields();
        validate();
        Logging.off();
        UrlList list = new UrlList();
        urls.forEach(url -> parsed(() -> list.add(url)));
        for (String file : files) {
            read(file, list);
        }
        Pace pace = new Pace(rate);
        long began = System.nanoTime();
        Tally tally = new Tally();
        try (Interrupt interrupt = Interrupt.on(pace::stop);
                ProxyClient client = ProxyClient.start(proxy, fields, concurrency)) {
            add(sitemaps, new Sitemaps(client, pace, list, tally));
            warm(list, tally, pace, client);
            Optional<String> unreached = client.unreached();
            if (unreached.isPresent()) {
                throw new Failure("No proxy answers on " + proxy + ": see --proxy (" + unreached.get() + ")");
            }
            print(tally, Duration.ofNanos(System.nanoTime() - began), interrupt.isReceived());
            return interrupt.isReceived() ? STOPPED : tally.failed() > 0 ? 1 : 0;
        }
    }

    private void warm(UrlList list, Tally tally, Pace pace, ProxyClient client) throws InterruptedException {
        tally.total(list.urls().size());
        if (!Terminal.isInteractive()) {
            new Warming(client, pace, concurrency, progress -> {}).run(list.urls(), tally);
            return;
        }
        ProgressBar bar = new ProgressBar(spec.commandLine().getErr(), System.nanoTime());
        Consumer<Tally> progress = it -> bar.draw(it, System.nanoTime());
        new Warming(client, pace, concurrency, progress).run(list.urls(), tally);
        bar.erase();
    }

    private void validate() {
        if (urls.isEmpty() && files.isEmpty() && sitemaps.isEmpty()) {
            throw wrong("Nothing to warm: write URLs, --file or --sitemap");
        }
        if (!(rate > 0 && rate <= MAX_RATE)) {
            throw wrong("--rate is more than 0, and at most " + (long) MAX_RATE);
        }
        if (concurrency < 1 || concurrency > MAX_CONCURRENCY) {
            throw wrong("--concurrency is between 1 and " + MAX_CONCURRENCY);
        }
        parsed(() -> OriginUrl.parse(proxy.toString()));
        if (!proxy.getRawPath().isEmpty() && !proxy.getRawPath().equals("/")) {
            throw wrong("--proxy has no path: the listener of the proxy, such as http://127.0.0.1:8000");
        }
    }

    private Headers fields() {
        Headers.Builder fields = Headers.builder();
        for (String line : headers) {
            parsed(() -> add(FieldLine.parse(line), fields));
        }
        if (!fields.build().contains("User-Agent")) {
            fields.add("User-Agent", "caching-proxy/" + Version.current() + " (warm)");
        }
        return fields.build();
    }

    private static void add(FieldLine line, Headers.Builder fields) {
        if (OF_THE_CONNECTION.contains(line.name().toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException(
                    "-H '" + line.name() + "' is not possible: the field is that of the URL or of the connection");
        }
        fields.add(line.name(), line.value());
    }

    /** Adds the URLs of a file; {@code -} is stdin. */
    private void read(String file, UrlList list) throws Failure {
        int number = 0;
        try (InputStream in = file.equals("-") ? System.in : Files.newInputStream(Path.of(file));
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String next = lines.readLine(); next != null; next = lines.readLine()) {
                number++;
                String line = next.strip();
                if (!line.isEmpty() && !line.startsWith("#")) {
                    list.add(line.split("\\s+#", 2)[0].strip());
                }
            }
        } catch (IOException e) {
            throw Failure.wrongUsage("--file: " + file + " cannot be read");
        } catch (IllegalArgumentException e) {
            throw Failure.wrongUsage(file + ":" + number + ": " + e.getMessage());
        }
    }

    private void add(List<String> sitemaps, Sitemaps reader) throws InterruptedException {
        for (String sitemap : sitemaps) {
            if (sitemap.matches("(?i)https?://.*")) {
                reader.url(sitemap);
            } else {
                reader.file(Path.of(sitemap));
            }
        }
    }

    /** Runs {@code parse}; what it refuses is wrong usage. */
    private void parsed(Runnable parse) {
        try {
            parse.run();
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private void print(Tally tally, Duration time, boolean stopped) {
        Map<String, Object> values = tally.values(time);
        Lines out = Lines.out(spec);
        if (json) {
            values.put("stopped", stopped);
            out.println(Json.of(values));
            return;
        }
        Lines err = Lines.err(spec);
        tally.failures().stream()
                .limit(SHOWN_FAILURES)
                .map(it -> Controls.escaped("caching-proxy: failed: " + it.url() + ": " + it.error()))
                .forEach(it -> err.println(ErrorLine.line(it)));
        if (tally.failed() > SHOWN_FAILURES) {
            err.println("caching-proxy: failed: " + (tally.failed() - SHOWN_FAILURES) + " more");
        }
        WarmReport.of(values).forEach(out::println);
    }
}
