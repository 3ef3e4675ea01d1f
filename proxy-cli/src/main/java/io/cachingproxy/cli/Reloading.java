package io.cachingproxy.cli;

import io.cachingproxy.HttpCache;
import io.cachingproxy.cli.config.Configuration;
import io.cachingproxy.cli.config.ConfigurationDiff.Masked;
import io.cachingproxy.cli.config.ConfigurationException;
import io.cachingproxy.cli.config.Environment;
import io.cachingproxy.cli.config.Interruption;
import io.cachingproxy.cli.config.Problem;
import io.cachingproxy.jetty.ListenerSettings;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.rules.Site;
import io.cachingproxy.rules.Sites;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ParameterException;

/**
 * Reloads the configuration file of a running proxy. Sites and rules are replaced as one snapshot if the file has no
 * errors and its tests pass; otherwise nothing changes.
 */
final class Reloading {
    private static final Logger LOG = LoggerFactory.getLogger(Reloading.class);

    /** Options that only affect sites and rules, so that a reload applies them. */
    private static final Set<String> APPLIED = Set.of("policy", "default-ttl", "ttl", "fetch-whole");

    private final Launch.Plan started;
    private final HttpCache cache;
    private final ProxyServer proxy;
    private final Consumer<Sites> applied;
    private final InstantSource clock;
    private volatile Launch.Plan current;
    private volatile @Nullable Last last;

    /**
     * @param proxy receives the origins of the new file
     * @param applied receives the sites of the new file, before requests use them
     */
    Reloading(Launch.Plan started, HttpCache cache, ProxyServer proxy, Consumer<Sites> applied, InstantSource clock) {
        this.applied = applied;
        this.started = started;
        this.current = started;
        this.clock = clock;
        this.cache = cache;
        this.proxy = proxy;
    }

    /** The outcome of a reload. */
    sealed interface Outcome {}

    /**
     * The new sites and rules are in effect.
     *
     * @param restart changes that take effect only after a restart, one sentence each
     */
    record Done(int sites, int rules, List<String> restart, List<String> warnings) implements Outcome {}

    /** The reload was refused: nothing has changed. */
    record Refused(List<String> errors) implements Outcome {}

    /** There is no configuration file: the proxy was started without {@code --config}. */
    record NoFile() implements Outcome {}

    /** The last reload. */
    record Last(Instant time, Outcome outcome) {}

    /** Whether there is a configuration file to reload. */
    boolean hasFile() {
        return started.configuration().isPresent();
    }

    /** The configuration in use. */
    Optional<Configuration> configuration() {
        return current.configuration();
    }

    /** The routes in use. */
    Settings.Routes routes() {
        return current.settings().routes();
    }

    /** The last reload; empty before the first. */
    Optional<Last> last() {
        return Optional.ofNullable(last);
    }

    /**
     * Checks a text in place of the configuration file, or the file if the text is blank, and changes nothing. A text may
     * use environment variables only if the admin API has a token, because it can be written to find out their values. The
     * files of its options are not read, except those of the configuration in use: a Redisson file can run code.
     *
     * @param use receives a configuration without errors
     */
    Outcome check(String text, Consumer<Launch.Plan> use) {
        if (text.isBlank()) {
            return hasFile() ? outcome(started.launch()::plan, Masked.COMPARED, use) : new NoFile();
        }
        Environment variables = isContentTrusted() ? started.launch().environment()::get : Environment.WITHHELD;
        Map<String, Object> running = options(current, Masked.COMPARED);
        return outcome(
                () -> started.launch()
                        .planOf("configuration", text, variables, (name, file) -> file.equals(running.get(name))),
                Masked.EQUAL,
                use);
    }

    /** Whether content that is sent may find out values that can be secrets: its sender has shown the admin token. */
    boolean isContentTrusted() {
        return started.settings().admin().flatMap(Settings.Admin::token).isPresent();
    }

    /** Reloads the configuration file. */
    synchronized Outcome reload() {
        if (!hasFile()) {
            return new NoFile();
        }
        Outcome outcome = outcome(started.launch()::plan, Masked.COMPARED, this::apply);
        last = new Last(clock.instant(), outcome);
        if (outcome instanceof Done done) {
            LOG.info("Configuration reloaded: {} sites, {} rules", done.sites(), done.rules());
            done.restart().forEach(LOG::warn);
            done.warnings().forEach(LOG::warn);
        } else if (outcome instanceof Refused refused) {
            LOG.warn("Configuration not reloaded, nothing changes: {}", String.join("; ", refused.errors()));
        }
        return outcome;
    }

    private interface Source {
        Launch.Plan plan() throws ConfigurationException;
    }

    private Outcome outcome(Source source, Masked masked, Consumer<Launch.Plan> use) {
        try {
            Launch.Plan plan = source.plan();
            List<String> missing = missing(plan.settings().routes());
            if (!missing.isEmpty()) {
                return new Refused(missing);
            }
            use.accept(plan);
            List<Site> sites = plan.settings().routes().sites().list();
            int rules = sites.stream().mapToInt(it -> it.rules().list().size()).sum();
            return new Done(sites.size(), rules, restart(plan, masked), lines(plan.warnings()));
        } catch (ConfigurationException e) {
            return new Refused(
                    lines(e.problems().stream().map(Problem::toString).toList()));
        } catch (ParameterException e) {
            return new Refused(lines(List.of(String.valueOf(e.getMessage()))));
        }
    }

    private void apply(Launch.Plan plan) {
        proxy.origins(plan.settings().routes().named());
        applied.accept(plan.settings().routes().sites());
        cache.sites(plan.settings().routes().sites());
        current = plan;
    }

    private static List<String> lines(List<String> messages) {
        return messages.stream().map(ErrorLine::line).toList();
    }

    /** Reasons why the new file cannot be applied without a restart. */
    private List<String> missing(Settings.Routes routes) {
        List<String> missing = new ArrayList<>();
        if (started.settings().routes().origin().isEmpty() && routes.usesUnnamed()) {
            missing.add("sites without an origin of their own are new: restart to use them");
        }
        Settings own = started.settings();
        for (URI url : routes.urls()) {
            Interruption.check(); // a lookup of a name takes up to seconds
            List<Integer> ports = proxy.ports();
            if (own.listeners().stream()
                    .anyMatch(it -> OwnAddress.isReachedBy(
                            url, it.host(), ports.get(own.listeners().indexOf(it))))) {
                missing.add("origin " + url + " is the address that this proxy listens on: choose another origin");
            }
        }
        return missing;
    }

    /**
     * Changes in the new file that a reload does not apply.
     *
     * @param masked whether a changed secret is a change
     */
    private List<String> restart(Launch.Plan plan, Masked masked) {
        List<String> restart = new ArrayList<>();
        Map<String, Object> before = options(started, masked);
        Map<String, Object> after = options(plan, masked);
        Set<String> names = new TreeSet<>(before.keySet());
        names.addAll(after.keySet());
        names.removeAll(APPLIED);
        names.stream()
                .filter(name -> !Objects.equals(before.get(name), after.get(name)))
                .forEach(name -> restart.add(name + " has changed: restart to apply it"));
        if (!listeners(started).equals(listeners(plan))) {
            restart.add("listeners have changed: restart to apply it");
        }
        if (!started.settings()
                .routes()
                .origin()
                .equals(plan.settings().routes().origin())) {
            restart.add("the origin without sites has changed: restart to apply it");
        }
        return restart;
    }

    private static List<ListenerSettings> listeners(Launch.Plan plan) {
        return plan.configuration().map(Configuration::listeners).orElse(List.of());
    }

    private static Map<String, Object> options(Launch.Plan plan, Masked masked) {
        return plan.configuration().map(it -> it.optionValues(masked)).orElse(Map.of());
    }
}
