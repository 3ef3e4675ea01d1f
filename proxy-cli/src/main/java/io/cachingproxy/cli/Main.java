package io.cachingproxy.cli;

/** Where the JVM enters. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(CachingProxyCommand.commandLine(System.getenv()).execute(args));
    }
}
