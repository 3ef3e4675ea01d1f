package io.cachingproxy.cli;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.OptionSpec;

/** The topics by which the help of the command {@code caching-proxy} groups options, in the order of the help. */
enum HelpTopic {
    ORIGIN(
            "Origin",
            "--origin",
            "--max-origin-requests",
            "--max-response-header",
            "--queue",
            "--pass-underscore-headers"),
    CONFIGURATION("Configuration file", "--config", "--check-config", "--watch-config"),
    LISTENER("Listener", "--port", "--host", "--tls-", "--proxy-protocol", "--trusted-peers", "--drain"),
    CACHE(
            "Cache",
            "--memory",
            "--max-object-size",
            "--policy",
            "--default-ttl",
            "--ttl",
            "--fetch-whole",
            "--max-waiters",
            "--purge-from",
            "--debug-secret-file",
            "--clear-cache"),
    REDIS("Redis", "--redis", "--no-redis-leases"),
    CLIENTS(
            "Clients",
            "--max-connections",
            "--idle-timeout",
            "--min-rate",
            "--max-header-lines",
            "--max-request-header"),
    ADMIN("Admin listener", "--admin-", "--no-admin"),
    LOG("Access log", "--access-log", "--redact"),
    HELP("Help", "--help", "--version");

    private final String heading;
    private final List<String> beginnings;

    /** @param beginnings of the names of the options */
    HelpTopic(String heading, String... beginnings) {
        this.heading = heading;
        this.beginnings = List.of(beginnings);
    }

    /** The topic of an option: that with the longest matching beginning. */
    static HelpTopic of(OptionSpec option) {
        HelpTopic best = HELP;
        int length = 0;
        for (HelpTopic topic : values()) {
            for (String beginning : topic.beginnings) {
                if (option.longestName().startsWith(beginning) && beginning.length() > length) {
                    best = topic;
                    length = beginning.length();
                }
            }
        }
        return best;
    }

    /** Groups the options in the help of a command. */
    static void group(CommandLine command) {
        Map<String, CommandLine.IHelpSectionRenderer> sections = command.getHelpSectionMap();
        sections.put(CommandLine.Model.UsageMessageSpec.SECTION_KEY_OPTION_LIST, HelpTopic::rendered);
    }

    private static String rendered(Help help) {
        Map<HelpTopic, StringBuilder> texts = new EnumMap<>(HelpTopic.class);
        Arrays.stream(values()).forEach(topic -> {
            List<OptionSpec> options = help.commandSpec().options().stream()
                    .filter(option -> !option.hidden() && of(option) == topic)
                    .toList();
            texts.put(
                    topic,
                    new StringBuilder(System.lineSeparator())
                            .append(topic.heading)
                            .append(':')
                            .append(System.lineSeparator())
                            .append(help.optionListExcludingGroups(options)));
        });
        return String.join("", texts.values());
    }
}
