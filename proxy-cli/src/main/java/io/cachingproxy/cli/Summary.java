package io.cachingproxy.cli;

import io.cachingproxy.cli.config.Configuration;
import io.cachingproxy.cli.config.PolicyName;
import io.cachingproxy.jetty.ListenerSettings;
import io.cachingproxy.origin.balance.OriginSettings;
import io.cachingproxy.rules.Site;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A summary of the settings, in lines for the operator. */
final class Summary {
    private Summary() {}

    static List<String> of(Launch.Plan plan) {
        Settings settings = plan.settings();
        List<String> lines = new ArrayList<>();
        plan.configuration().ifPresent(it -> lines.add(it.file() + ": no errors" + tests(it)));
        List<Integer> ports =
                settings.listeners().stream().map(ListenerSettings::port).toList();
        lines.add((ports.size() == 1 ? "listener " : "listeners ")
                + listeners(settings.listeners(), ports)
                + settings.admin()
                        .map(it -> ", admin on "
                                + Instance.authority(it.host(), it.port().number()))
                        .orElse(""));
        Settings.Routes routes = settings.routes();
        routes.origin().ifPresent(it -> lines.add("origin " + servers(it.settings())));
        plan.configuration()
                .ifPresent(it -> it.origins()
                        .values()
                        .forEach(origin -> lines.add("origin " + origin.name() + ": " + servers(origin.settings())
                                + ", Host " + host(origin))));
        for (Site site : routes.sites().list()) {
            lines.add("site " + site.name() + ": hosts " + String.join(", ", site.hosts()) + "; "
                    + (site.origin() == null ? "the origin" : "origin " + site.origin()) + "; "
                    + "policy " + PolicyName.described(site.policy()) + "; "
                    + counted(site.rules().list().size(), "rule")
                    + (site.shadow() ? "; shadow: forwards everything and stores nothing" : ""));
        }
        return lines;
    }

    /** The URLs of the listeners, with their actual ports. */
    static String listeners(List<ListenerSettings> listeners, List<Integer> ports) {
        List<String> urls = new ArrayList<>();
        for (int i = 0; i < listeners.size(); i++) {
            ListenerSettings listener = listeners.get(i);
            urls.add((listener.tls().isPresent() ? "https" : "http") + "://"
                    + Instance.authority(listener.host(), ports.get(i))
                    + (listener.redirectToHttps().isPresent() ? " (redirects to https)" : ""));
        }
        return String.join(", ", urls);
    }

    private static String servers(OriginSettings origin) {
        String servers = origin.servers().stream()
                .map(it ->
                        it.url() + (it.weight() == 1 ? "" : " weight " + it.weight()) + (it.backup() ? " backup" : ""))
                .collect(Collectors.joining(", "));
        return servers + (origin.check().isPresent() ? ", checked" : "");
    }

    private static String host(Configuration.Origin origin) {
        String name = origin.settings().host();
        return origin.clientHost() ? "of the client" : name == null ? "of the origin" : name;
    }

    private static String tests(Configuration configuration) {
        int tests = configuration.tests().size();
        return tests == 0 ? "" : ", " + counted(tests, "test") + " passed";
    }

    static String counted(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }
}
