package io.cachingproxy.cli;

import picocli.CommandLine;

/** The main class. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        Thread preload = Preload.begin();
        CommandLine command = CachingProxyCommand.commandLine(System.getenv());
        command.setExecutionStrategy(parsed -> {
            join(preload);
            OutOfMemoryWatch.begin();
            return new CommandLine.RunLast().execute(parsed);
        });
        System.exit(command.execute(args));
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
