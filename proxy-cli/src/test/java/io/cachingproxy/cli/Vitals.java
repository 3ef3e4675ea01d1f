package io.cachingproxy.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a Java process holds on to.
 *
 * @param heap the bytes of living objects, after a full collection
 * @param resident the bytes of memory that the system gave it
 */
record Vitals(long heap, long resident, long descriptors, long threads) {
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)");

    /** Those of a process of this machine, which must have /proc. */
    static Vitals of(long pid) throws IOException, InterruptedException {
        Path proc = Path.of("/proc", Long.toString(pid));
        long heap = number(TOTAL, histogram(pid));
        String status = Files.readString(proc.resolve("status"));
        try (Stream<Path> open = Files.list(proc.resolve("fd"))) {
            return new Vitals(
                    heap,
                    number(Pattern.compile("VmRSS:\\s+(\\d+) kB"), status) * 1024,
                    open.count(),
                    number(Pattern.compile("Threads:\\s+(\\d+)"), status));
        }
    }

    /** Taking it collects all garbage first. */
    private static String histogram(long pid) throws IOException, InterruptedException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Process process = new ProcessBuilder(jcmd, Long.toString(pid), "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return text;
    }

    private static long number(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new AssertionError("no " + pattern + " in " + text);
        }
        return Long.parseLong(matcher.group(1));
    }

    @Override
    public String toString() {
        return String.format(
                "heap %.1f MiB, resident %.1f MiB, %d descriptors, %d threads",
                heap / 1048576.0, resident / 1048576.0, descriptors, threads);
    }
}
