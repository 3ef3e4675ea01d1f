package io.cachingproxy.cli.config;

import io.cachingproxy.jetty.ListenerSettings;
import io.cachingproxy.key.KeyBase;
import io.cachingproxy.origin.ConfiguredOrigin;
import io.cachingproxy.origin.ConnectionSettings;
import io.cachingproxy.origin.balance.OriginSettings;
import io.cachingproxy.rules.Rule;
import io.cachingproxy.rules.Rules;
import io.cachingproxy.rules.Site;
import io.cachingproxy.rules.Sites;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A valid configuration file. Immutable.
 *
 * @param file the file name in messages
 * @param options the command-line options that the file sets, by name without dashes
 * @param listeners the listeners; empty: one of the command-line options
 * @param origins the origins by name
 * @param sites the sites in the order of the file; if empty, all hosts use the only origin
 * @param rules the shared rules, which precede the rules of each site
 * @param tests the tests that have to pass before the file is used
 * @param warnings the warnings about keys that probably have no or another effect
 * @param content the content of the file for operators, without secrets
 * @param secrets the values of variables, which are masked in messages
 */
public record Configuration(
        String file,
        Map<String, Option> options,
        List<ListenerSettings> listeners,
        Map<String, Origin> origins,
        List<SiteEntry> sites,
        List<RuleEntry> rules,
        List<TestCase> tests,
        List<Problem> warnings,
        Shown content,
        Secrets secrets) {

    /** The value of a command-line option. May be a secret. */
    public record Option(Place place, String text) {
        @Override
        public String toString() {
            return "option in line " + place.line();
        }
    }

    /**
     * An origin.
     *
     * @param clientHost whether the client's Host is forwarded; otherwise the host of the settings
     */
    public record Origin(String name, OriginSettings settings, ConnectionSettings connections, boolean clientHost) {
        ConfiguredOrigin configured() {
            return new ConfiguredOrigin(settings, connections);
        }
    }

    /**
     * A site.
     *
     * @param origin the name of the origin; empty: the origin of the option {@code origin}
     * @param shadow whether all requests are forwarded and nothing is stored
     */
    public record SiteEntry(
            String name,
            List<String> hosts,
            Optional<String> origin,
            Optional<PolicyName> policy,
            boolean shadow,
            List<RuleEntry> rules) {}

    /**
     * A rule.
     *
     * @param policy the policy that the rule sets; the policy in {@code rule} is a placeholder until the command line is
     *     known
     * @param origin the name of the origin that the rule sets
     */
    public record RuleEntry(Place place, String path, Rule rule, Optional<PolicyName> policy, Optional<String> origin) {
        Rule under(Policies policies) {
            return policy.map(name -> rule.policy(policies.named().apply(name))).orElse(rule);
        }
    }

    /**
     * Reads a configuration file.
     *
     * @param environment the variables for <code>${NAME}</code>
     * @throws ConfigurationException with all errors of the file
     */
    public static Configuration read(Path file, Environment environment, CommandOptions options)
            throws ConfigurationException {
        byte[] bytes;
        int most = 3 * Bounds.OF_HEAP.characters();
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(most + 1);
        } catch (IOException e) {
            String why = Files.exists(file) ? "cannot be read: " + e.getMessage() : "there is no such file";
            throw new ConfigurationException(List.of(new Problem(file.toString(), Place.START, "", why)));
        }
        if (bytes.length > most) {
            throw new ConfigurationException(
                    List.of(new Problem(file.toString(), Place.START, "", "is longer than " + most + " bytes")));
        }
        return parse(file.toString(), decoded(file.toString(), bytes), environment, options);
    }

    /** The text of a file in UTF-8. */
    private static String decoded(String file, byte[] bytes) throws ConfigurationException {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
        String text = out.flip().toString();
        if (!result.isError()) {
            return text;
        }
        String octet = String.format("%02X", bytes[in.position()]);
        int line = (int) text.chars().filter(c -> c == '\n').count() + 1;
        Place place = new Place(line, text.length() - text.lastIndexOf('\n'));
        throw new ConfigurationException(
                List.of(new Problem(file, place, "", "the byte 0x" + octet + " is not UTF-8: save the file in UTF-8")));
    }

    /** The content of the file for operators, as maps, lists and texts, without secrets. */
    public Map<String, Object> shown() {
        return content.values();
    }

    /**
     * The values of the options by name, to be compared with those of another configuration.
     *
     * @param secrets if they are {@link ConfigurationDiff.Masked#EQUAL}, values are as in {@link #shown}
     */
    public Map<String, Object> optionValues(ConfigurationDiff.Masked secrets) {
        Map<String, Object> values = new LinkedHashMap<>();
        Map<String, Object> shown = secrets == ConfigurationDiff.Masked.EQUAL ? shown() : Map.of();
        options.forEach((name, option) -> values.put(name, shown.getOrDefault(name, option.text())));
        return values;
    }

    /** A message with <code>${NAME}</code> in place of the values of variables. */
    public String hidden(String message) {
        return secrets.hidden(message);
    }

    /**
     * Reads the text of a configuration file.
     *
     * @param file the file name in messages
     */
    public static Configuration parse(String file, String text, Environment environment, CommandOptions options)
            throws ConfigurationException {
        Secrets secrets = new Secrets();
        Problems problems = new Problems(file, secrets);
        Bounds bounds = Bounds.OF_HEAP;
        Variables variables = new Variables(environment, secrets, bounds.characters());
        Yaml yaml = YamlReader.read(text, variables, problems, bounds);
        Configuration read = new ConfigurationReader(problems, options).read(yaml);
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems.errors());
        }
        return read;
    }

    /** The origin of all hosts, if the file has no sites and a single origin without the client's Host. */
    public Optional<ConfiguredOrigin> onlyOrigin() {
        return sites.isEmpty() && origins.size() == 1
                ? origins.values().stream()
                        .filter(it -> !it.clientHost())
                        .map(Origin::configured)
                        .findFirst()
                : Optional.empty();
    }

    Configuration with(List<Problem> others) {
        return new Configuration(file, options, listeners, origins, sites, rules, tests, others, content, secrets);
    }

    /** The settings of the origins by name. */
    public Map<String, ConfiguredOrigin> configuredOrigins() {
        return origins.values().stream().collect(Collectors.toMap(Origin::name, Origin::configured));
    }

    /** The names of the origins that sites and rules use. */
    public Set<String> usedOrigins() {
        Stream<String> ofSites = sites.isEmpty() && onlyOrigin().isEmpty()
                ? origins.keySet().stream().filter(any -> origins.size() == 1)
                : sites.stream().flatMap(site -> site.origin().stream());
        return Stream.concat(ofSites, allRules().flatMap(rule -> rule.origin().stream()))
                .collect(Collectors.toSet());
    }

    /** The policies that sites and rules use. */
    public Set<PolicyName> policies() {
        return Stream.concat(
                        sites.stream().flatMap(site -> site.policy().stream()),
                        allRules().flatMap(rule -> rule.policy().stream()))
                .collect(Collectors.toSet());
    }

    private Stream<RuleEntry> allRules() {
        return Stream.concat(rules.stream(), sites.stream().flatMap(site -> site.rules().stream()));
    }

    /** The sites and rules for the cache. */
    public Sites compiled(Policies policies) {
        if (!sites.isEmpty()) {
            return Sites.of(sites.stream().map(site -> compiled(site, policies)).toList());
        }
        Rules all = rules(List.of(), policies);
        Site everything = Site.everything(policies.byDefault(), all);
        return Sites.of(origins.values().stream()
                .filter(it -> origins.size() == 1 && it.clientHost())
                .map(it -> everything.origin(it.name()))
                .findFirst()
                .orElse(everything));
    }

    private Site compiled(SiteEntry site, Policies policies) {
        boolean clientHost = site.origin().map(name -> isClientHost(name)).orElse(false);
        return new Site(
                site.name(),
                site.hosts(),
                rules(site.rules(), policies),
                site.policy().map(policies.named()).orElse(policies.byDefault()),
                site.origin().orElse(null),
                clientHost,
                site.shadow());
    }

    private boolean isClientHost(String name) {
        Origin origin = origins.get(name);
        return origin != null && origin.clientHost();
    }

    private Rules rules(List<RuleEntry> own, Policies policies) {
        return Rules.of(Stream.concat(rules.stream(), own.stream())
                .peek(any -> Interruption.check())
                .map(entry -> entry.under(policies))
                .toList());
    }

    /**
     * Runs the tests; returns the failed ones with the expected and actual values.
     *
     * @param compiled the result of {@link #compiled}
     * @param only the unnamed origin, if there is one
     */
    public List<Problem> failedTests(Sites compiled, @Nullable URI only) {
        KeyBase base = only == null ? null : KeyBase.of(only);
        List<Problem> failures = new ArrayList<>();
        for (TestCase test : tests) {
            Interruption.check();
            failures.addAll(test.failures(file, compiled, base, secrets));
        }
        return failures;
    }
}
