package io.cachingproxy.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The real jar, running in a process of its own. */
final class RunningProxy implements AutoCloseable {
    private static final Pattern START_LINE = Pattern.compile(
            "caching-proxy \\S+ listening on https?://\\S+:(\\d+)(?:, .*?)? for .*?(?:, admin on \\S+:(\\d+))?");

    /** Options of the JVM that shorten a test, see the pom; none for tests that measure. */
    private static final List<String> OF_SHORT_TESTS = Stream.of(
                    System.getProperty("test.jvm", "").split(" "))
            .filter(option -> !option.isEmpty())
            .toList();

    private final Process process;
    private final BufferedReader stdout;
    private final Path stderr;
    private final String startLine;
    private final Matcher started;

    private RunningProxy(Process process, Path stderr) throws IOException {
        this.process = process;
        this.stderr = stderr;
        stdout = process.inputReader(StandardCharsets.UTF_8);
        startLine = String.valueOf(stdout.readLine());
        started = START_LINE.matcher(startLine);
        if (!started.matches()) {
            throw new AssertionError("not a start line: " + startLine + "; stderr: " + stderr());
        }
    }

    /** What a process that ended left. */
    record Ended(int exitCode, String out, String err) {}

    /** A proxy on free ports that answers. */
    static RunningProxy start(URI origin, String... args) throws IOException {
        return start(List.of(), origin, args);
    }

    static RunningProxy start(List<String> jvmOptions, URI origin, String... args) throws IOException {
        List<String> all = new ArrayList<>(List.of("--port", "0", "--origin", origin.toString()));
        all.addAll(List.of(args));
        Path stderr = Files.createTempFile("caching-proxy", ".stderr");
        return new RunningProxy(launch(jvmOptions, all, stderr), stderr);
    }

    /** One with a configuration file, on free ports. */
    static RunningProxy startWithConfig(Path file, String... args) throws IOException {
        return startWithConfig(List.of(), file, args);
    }

    static RunningProxy startWithConfig(List<String> jvmOptions, Path file, String... args) throws IOException {
        List<String> all = new ArrayList<>(List.of("--port", "0", "--config", file.toString()));
        all.addAll(List.of(args));
        Path stderr = Files.createTempFile("caching-proxy", ".stderr");
        return new RunningProxy(launch(jvmOptions, all, stderr), stderr);
    }

    /** One with a configuration file that has its listeners. */
    static RunningProxy startWithOnly(Path file) throws IOException {
        Path stderr = Files.createTempFile("caching-proxy", ".stderr");
        return new RunningProxy(launch(List.of(), List.of("--config", file.toString()), stderr), stderr);
    }

    /** One whose process may open so many files and sockets. */
    static RunningProxy startWithOpenFiles(int most, URI origin) throws IOException {
        List<String> limited = List.of("sh", "-c", "ulimit -n " + most + " && exec \"$0\" \"$@\"");
        Path stderr = Files.createTempFile("caching-proxy", ".stderr");
        List<String> args = List.of("--port", "0", "--origin", origin.toString());
        return new RunningProxy(launch(limited, List.of(), args, stderr), stderr);
    }

    /** Runs the jar to its end. */
    static Ended run(String... args) throws IOException, InterruptedException {
        Path stderr = Files.createTempFile("caching-proxy", ".stderr");
        Process process = launch(List.of(), List.of(args), stderr);
        try {
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Ended(process.waitFor(), out, Files.readString(stderr));
        } finally {
            process.destroyForcibly();
            Files.delete(stderr);
        }
    }

    private static Process launch(List<String> jvmOptions, List<String> args, Path stderr) throws IOException {
        return launch(List.of(), jvmOptions, args, stderr);
    }

    private static Process launch(List<String> launcher, List<String> jvmOptions, List<String> args, Path stderr)
            throws IOException {
        List<String> command = new ArrayList<>(launcher);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(OF_SHORT_TESTS);
        command.addAll(jvmOptions);
        command.addAll(List.of("-jar", System.getProperty("caching-proxy.jar")));
        command.addAll(args);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(stderr.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("CACHING_PROXY_") || name.equals("REDIS_URL"));
        return builder.start();
    }

    String startLine() {
        return startLine;
    }

    /** What came after the start line, up to the end of the process. */
    List<String> moreOutput() {
        return stdout.lines().toList();
    }

    long pid() {
        return process.pid();
    }

    int port() {
        return Integer.parseInt(started.group(1));
    }

    int adminPort() {
        return Integer.parseInt(started.group(2));
    }

    URI uri(String target) {
        return URI.create("http://127.0.0.1:" + port() + target);
    }

    URI adminUri(String target) {
        return URI.create("http://127.0.0.1:" + adminPort() + target);
    }

    /** The same of another name of this machine: that of another site. */
    URI localhostUri(String target) {
        return URI.create("http://localhost:" + port() + target);
    }

    String stderr() {
        try {
            return Files.readString(stderr);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends SIGHUP. */
    void hangUp() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-HUP", Long.toString(pid())).start().waitFor();
    }

    /** Sends SIGTERM, and leaves the output open. */
    void terminate() {
        process.toHandle().destroy();
    }

    int awaitExit() throws InterruptedException {
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new AssertionError("still running; stderr: " + stderr());
        }
        return process.exitValue();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().join();
        Files.deleteIfExists(stderr);
    }
}
