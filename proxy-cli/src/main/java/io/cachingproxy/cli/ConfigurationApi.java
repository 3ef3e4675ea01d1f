package io.cachingproxy.cli;

import io.cachingproxy.cli.admin.AdminExchange;
import io.cachingproxy.cli.admin.AdminRoutes;
import io.cachingproxy.cli.admin.SoleTask;
import io.cachingproxy.cli.config.ConfigurationDiff;
import io.cachingproxy.cli.config.ConfigurationDiff.Masked;
import io.cachingproxy.rules.Sites;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Shows the configuration in use, checks another one, and reloads the file. */
final class ConfigurationApi implements AdminRoutes.Group {
    private static final String PATH = "/api/config";

    /** The path of the preview. */
    static final String PREVIEW = PATH + "/preview";

    /** Limit of a configuration file in bytes. */
    private static final int LONGEST = 8 * 1024 * 1024;

    private static final Duration DEADLINE = Duration.ofSeconds(10);

    private final SoleTask checks = SoleTask.within(DEADLINE, "a check or preview");
    private final SoleTask reloads = SoleTask.complete("a reload");
    private final Reloading reloading;
    private final Previews previews;

    /** Compares sites with those in use, by recorded traffic. */
    interface Previews {
        /**
         * The comparison as JSON.
         *
         * @param secrets whether the sites may see recorded values that can be secrets
         */
        Map<String, Object> of(Sites sites, boolean secrets);
    }

    ConfigurationApi(Reloading reloading, Previews previews) {
        this.reloading = reloading;
        this.previews = previews;
    }

    @Override
    public void addTo(AdminRoutes routes) {
        routes.get(PATH, this::show);
        routes.get(PATH + "/diff", exchange -> check(exchange, ""));
        routes.post(PATH + "/check", LONGEST, this::check);
        routes.post(PREVIEW, LONGEST, this::preview);
        routes.post(
                PATH + "/reload", exchange -> reloads.begin(exchange, () -> result("reloaded", reloading.reload())));
    }

    private void show(AdminExchange exchange) {
        Map<String, Object> json = new LinkedHashMap<>();
        reloading.configuration().ifPresent(it -> {
            json.put("file", it.file());
            json.put("configuration", it.shown());
        });
        reloading.last().ifPresent(last -> {
            Map<String, Object> reload = new LinkedHashMap<>();
            reload.put("time", last.time().toString());
            report("reloaded", last.outcome(), reload);
            json.put("reload", reload);
        });
        exchange.json(200, json);
    }

    /** Without a body, the file as it is on the disk is checked. */
    private void check(AdminExchange exchange, String text) {
        checks.begin(exchange, () -> checked(text, sites -> Map.of()));
    }

    /** Without a body, the file as it is on the disk is evaluated. */
    private void preview(AdminExchange exchange, String text) {
        checks.begin(
                exchange,
                () -> checked(text, sites -> previews.of(sites, text.isBlank() || reloading.isContentTrusted())));
    }

    /** @param more what else is said of the sites of a valid configuration */
    private SoleTask.Result checked(String text, Function<Sites, Map<String, Object>> more) {
        Map<String, Object> found = new LinkedHashMap<>();
        // The secrets in the file are not what the client has sent, so that it cannot find them out by trying.
        Masked masked = text.isBlank() ? Masked.COMPARED : Masked.EQUAL;
        Reloading.Outcome outcome = reloading.check(text, plan -> {
            reloading
                    .configuration()
                    .flatMap(running -> plan.configuration().map(it -> ConfigurationDiff.of(running, it, masked)))
                    .ifPresent(diff -> found.put("diff", diff.json()));
            found.putAll(more.apply(plan.settings().routes().sites()));
        });
        Map<String, Object> json = new LinkedHashMap<>();
        int status = report("valid", outcome, json);
        json.putAll(found);
        return new SoleTask.Result(status, json);
    }

    private static SoleTask.Result result(String success, Reloading.Outcome outcome) {
        Map<String, Object> json = new LinkedHashMap<>();
        int status = report(success, outcome, json);
        return new SoleTask.Result(status, json);
    }

    private static int report(String success, Reloading.Outcome outcome, Map<String, Object> json) {
        json.put(success, outcome instanceof Reloading.Done);
        if (outcome instanceof Reloading.Done done) {
            json.put("sites", done.sites());
            json.put("rules", done.rules());
            json.put("restart", done.restart());
            json.put("warnings", done.warnings());
            return 200;
        } else if (outcome instanceof Reloading.Refused refused) {
            json.put("errors", refused.errors());
            return 422;
        }
        json.put("errors", List.of("there is no configuration file: the proxy was started without --config"));
        return 409;
    }
}
