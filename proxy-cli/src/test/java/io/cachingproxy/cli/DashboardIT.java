package io.cachingproxy.cli;

import static io.cachingproxy.cli.Client.assertHit;
import static io.cachingproxy.cli.Client.assertMiss;
import static io.cachingproxy.cli.Client.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** The dashboard of the jar, in a real browser. */
@Tag("browser")
class DashboardIT {
    /** The names of the views in the menu, by their fragments. */
    private static final Map<String, String> VIEWS = Map.ofEntries(
            Map.entry("overview", "Overview"),
            Map.entry("live", "Live"),
            Map.entry("top", "Top URLs"),
            Map.entry("sites", "Sites & rules"),
            Map.entry("shadow", "Shadow"),
            Map.entry("origins", "Origins"),
            Map.entry("entries", "Entries"),
            Map.entry("purge", "Purge"),
            Map.entry("explain", "Explain"),
            Map.entry("configuration", "Configuration"),
            Map.entry("nodes", "Nodes"),
            Map.entry("about", "About"));

    /** Becomes a script in a page that parses it as HTML. */
    private static final String ATTACK = "\"'><img src=x onerror=window.attacked=1><script>window.attacked=1</script>";

    private static Browser browser;

    @TempDir
    private Path folder;

    private TestOrigin origin;
    private RunningProxy proxy;

    @BeforeAll
    static void open() throws IOException {
        browser = new Browser(Path.of("target", "browser"));
    }

    @AfterAll
    static void quit() {
        browser.close();
    }

    @BeforeEach
    void start() throws Exception {
        browser.forget();
        origin = TestOrigin.start()
                .on("/products/1", "one", "Cache-Control", "max-age=60", "Surrogate-Key", "products")
                .on("/products/2", "two", "Cache-Control", "max-age=60", "Surrogate-Key", "products")
                .on("/account", "mine", "Cache-Control", "private");
        proxy = start("shop rule");
        for (String path : List.of("/products/1", "/products/2", "/account")) {
            get(proxy.uri(path));
            get(proxy.uri(path));
        }
    }

    /** A proxy with a site for all hosts, whose rule has this name. */
    private RunningProxy start(String rule, String... args) throws IOException {
        Path file = Files.writeString(
                folder.resolve("caching-proxy.yaml"), """
                admin-port: 0
                origins:
                  shop: {servers: [%s]}
                sites:
                  - hosts: ["*"]
                    origin: shop
                    rules:
                      - {name: "%s", match: {path: /products/**}, tags: [shelf]}
                """.formatted(origin.uri(), rule.replace("\"", "\\\"")));
        return RunningProxy.startWithConfig(file, args);
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        origin.close();
    }

    private void open(String view) {
        browser.prefer("light");
        browser.size(1360, 900);
        browser.open(proxy.adminUri("/#/" + view));
    }

    private void assertNoComplaintAndNoForeignRequest() throws IOException {
        assertThat(browser.complaints()).isEmpty();
        assertThat(browser.requested())
                .isNotEmpty()
                .allMatch(url -> url.startsWith(proxy.adminUri("/").toString()) || url.equals("about:blank"));
    }

    private static void awaitLoaded() {
        await().pollInSameThread()
                .atMost(Duration.ofSeconds(20))
                .until(() -> browser.all(".skeleton").isEmpty());
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Test
    void each_view_opens_by_a_click_and_requests_nothing_elsewhere() throws IOException {
        open("overview");
        for (Map.Entry<String, String> view : VIEWS.entrySet()) {
            browser.click("nav a[data-view=" + view.getKey() + "]");
            browser.awaitText("h1", view.getValue());
            awaitLoaded();
            browser.screenshot(view.getKey());
            assertThat(browser.all(".notice.error")).as(view.getKey()).isEmpty();
        }
        browser.awaitText(".status", "Connected");
        assertNoComplaintAndNoForeignRequest();
    }

    @Test
    void no_view_has_barriers_for_people_with_disabilities_in_light_and_dark() throws IOException {
        for (String theme : List.of("light", "dark")) {
            for (String view : VIEWS.keySet()) {
                open(view);
                browser.prefer(theme);
                browser.awaitText("h1", VIEWS.get(view));
                awaitLoaded();
                browser.screenshot(view + "-" + theme);
                assertThat(browser.barriers()).as(view + " " + theme).isEmpty();
            }
        }
    }

    @Test
    void no_view_is_wider_than_a_phone() throws IOException {
        for (String view : VIEWS.keySet()) {
            open(view);
            browser.size(360, 740);
            browser.awaitText("h1", VIEWS.get(view));
            awaitLoaded();
            browser.screenshot(view + "-phone");
            assertThat(browser.script("return document.documentElement.scrollWidth"))
                    .as(view)
                    .isEqualTo(360L);
        }
        browser.click("#menu");
        browser.click("nav a[data-view=about]");
        browser.awaitText("h1", "About");
    }

    @Test
    void the_shadow_view_shows_a_wrong_response_with_its_hint_and_nothing_of_it_is_parsed() throws Exception {
        Path file = Files.writeString(folder.resolve("shadow.yaml"), """
                admin-port: 0
                origins: {shop: {servers: [%s]}}
                sites:
                  - {hosts: ["*"], name: shop, origin: shop, shadow: true, rules: [{name: all, ignore: [cookie]}]}
                """.formatted(origin.uri()));
        try (RunningProxy shadowed = RunningProxy.startWithConfig(file)) {
            for (String text : List.of("old", "new")) {
                origin.on("/products/1", text, "Cache-Control", "max-age=60");
                get(shadowed.uri("/products/1?q=" + encoded(ATTACK)), "Cookie", "lang=" + text);
                await().until(() -> new String(
                                get(shadowed.adminUri("/api/shadow")).body(), StandardCharsets.UTF_8)
                        .contains(text.equals("old") ? "\"miss\":1" : "\"hit\":1"));
            }
            browser.open(shadowed.adminUri("/#/shadow"));
            browser.awaitText("main .card", "1 wrong response");
            browser.awaitText("main .card", "cookie \"lang\" differs");
            browser.screenshot("shadow-wrong");
            assertThat(browser.barriers()).isEmpty();
            assertThat(browser.script("return window.attacked === undefined")).isEqualTo(true);
        }
    }

    @Test
    void the_key_advice_shows_rules_for_inputs_without_effect_and_warnings() throws Exception {
        for (int i = 0; i < 7; i++) {
            String text = "text " + i % 2;
            origin.on("/tracked", "text", "Cache-Control", "max-age=60");
            origin.on("/hello", text, "Cache-Control", "no-cache");
            get(proxy.uri("/tracked?utm_source=" + i));
            get(proxy.uri("/hello?" + encoded(ATTACK)), "Cookie", "lang=" + text);
        }
        await().until(() -> new String(get(proxy.adminUri("/api/key-advice")).body(), StandardCharsets.UTF_8)
                .contains("lang\\\"]}"));
        open("configuration");
        browser.awaitText("h1", "Configuration");
        browser.clickNamed("main", "Compare bodies");
        browser.awaitText("main", "query: {drop: [\"utm_source\"]}");
        browser.awaitText("main", "cookies: [\"lang\"]");
        browser.script("document.querySelector('main section:last-of-type').scrollIntoView()");
        browser.screenshot("key-advice");
        assertThat(browser.barriers()).isEmpty();
        assertThat(browser.script("return window.attacked === undefined")).isEqualTo(true);
    }

    @Test
    void the_theme_can_be_chosen_and_is_kept() {
        open("about");
        browser.click("#foot button[aria-label='dark theme']");
        String dark = String.valueOf(browser.script("return getComputedStyle(document.body).backgroundColor"));
        open("about");
        assertThat(browser.script("return getComputedStyle(document.body).backgroundColor"))
                .isEqualTo(dark);
        browser.click("#foot button[aria-label='system theme']");
        assertThat(browser.script("return getComputedStyle(document.body).backgroundColor"))
                .isNotEqualTo(dark);
    }

    @Test
    void the_charts_show_the_history_and_their_values_as_a_table() {
        open("overview");
        await().pollInSameThread()
                .atMost(Duration.ofSeconds(40))
                .until(() -> browser.all(".uplot canvas").size() == 7);
        browser.click("figure.wide details.data summary");
        browser.awaitText("figure.wide table", "Revalidated");
        assertThat(browser.script("return document.querySelector('figure.wide .plot').getAttribute('aria-label')")
                        .toString())
                .startsWith("Requests by outcome since ");
    }

    @Test
    void keys_go_to_views_and_the_first_tab_stop_skips_the_menu() {
        open("overview");
        browser.awaitText("h1", "Overview");
        browser.pressTab();
        assertThat(browser.focused()).isEqualTo("Skip to content");
        browser.press("g", "e");
        browser.awaitText("h1", "Entries");
        browser.press("/");
        browser.press("none-of-these");
        browser.awaitText(".empty", "No entry matches");
    }

    @Test
    void an_entry_is_found_and_purged() throws Exception {
        open("entries?q=products/1");
        browser.click("tbody .as-link");
        browser.awaitText("dialog", "shelf");
        browser.clickNamed("dialog.drawer", "Purge");
        browser.clickNamed("dialog.modal", "Purge");
        browser.awaitText("#toasts", "Purged");
        browser.awaitText(".empty", "No entry matches");
        assertMiss(get(proxy.uri("/products/1")));
        assertHit(get(proxy.uri("/products/2")));
    }

    @Test
    void an_entry_with_a_secret_in_its_url_is_shown_without_it_and_purged() throws Exception {
        String path = "/products/2?token=SECRET&size=1";
        get(proxy.uri(path));
        assertHit(get(proxy.uri(path)));
        open("entries?q=" + encoded("token=***&size=1"));
        browser.click("tbody .as-link");
        browser.awaitText("dialog", "/products/2?token=***&size=1");
        browser.clickNamed("dialog.drawer", "Purge");
        browser.clickNamed("dialog.modal", "Purge");
        browser.awaitText(".empty", "No entry matches");
        assertMiss(get(proxy.uri(path)));
        assertHit(get(proxy.uri("/products/2")));
    }

    @Test
    void redis_its_nodes_and_its_entries_are_shown() throws Exception {
        try (RedisProcess redis = new RedisProcess()) {
            proxy.close();
            proxy = start("rule", "--redis=" + redis.url(), "--redis-deadline=2s");
            get(proxy.uri("/products/1"));
            open("overview");
            browser.awaitText("main", "Redis operations");
            browser.awaitText("main", "Served without asking Redis");
            awaitLoaded();
            browser.script("window.scrollTo(0, document.body.scrollHeight)");
            browser.screenshot("overview-redis");
            open("nodes");
            browser.awaitText("tbody", ":" + proxy.port());
            browser.awaitText("tbody", "this one");
            open("entries");
            browser.clickNamed("main", "Redis");
            browser.awaitText(".pager", "entries in Redis");
            browser.awaitText("tbody", "/products/1");
            browser.screenshot("entries-redis");
            assertThat(browser.fragment()).isEqualTo("/entries?store=redis");
            browser.click("tbody .as-link");
            browser.awaitText("dialog", "shelf");
            browser.clickNamed("dialog.drawer", "Purge");
            browser.clickNamed("dialog.modal", "Purge");
            browser.awaitText(".empty", "Nothing is stored");
            assertMiss(get(proxy.uri("/products/1")));
            assertNoComplaintAndNoForeignRequest();
            for (String view : List.of("entries?store=redis", "nodes", "overview")) {
                open(view);
                awaitLoaded();
                assertThat(browser.barriers()).as(view).isEmpty();
            }
        }
    }

    @Test
    void a_tag_is_counted_and_then_purged() throws Exception {
        open("purge?tag=products");
        browser.clickNamed("form", "Dry run");
        browser.awaitText("main", "Would be purged");
        assertHit(get(proxy.uri("/products/1")));
        browser.clickNamed("form", "Purge");
        browser.awaitText("main", "Confirmed");
        assertMiss(get(proxy.uri("/products/1")));
    }

    @Test
    void explain_says_why_a_response_is_not_stored_and_what_would_change_it() {
        open("explain");
        browser.type("input[name=url]", proxy.uri("/account").toString());
        browser.click("#source-fetch");
        browser.clickNamed("form", "Explain");
        browser.awaitText("main", "The response is not stored");
        browser.awaitText(".step.decides", "response-private");
        browser.awaitText(".changes", "It would be stored");
        browser.awaitText("main", "RFC 9111 §5.2.2.7");
    }

    @Test
    void a_server_is_drained_and_made_ready() throws Exception {
        open("origins");
        browser.clickNamed("main", "Drain");
        browser.awaitText("tbody", "Draining");
        assertThat(new String(get(proxy.adminUri("/api/origins")).body(), StandardCharsets.UTF_8))
                .contains("\"state\":\"draining\"");
        browser.awaitText(".section-title + .card", "Draining");
        browser.clickNamed("main", "Ready");
        browser.awaitText("tbody", "Available");
    }

    @Test
    void a_request_appears_as_it_is_answered_and_is_filtered() throws Exception {
        open("live");
        browser.awaitText(".live-state", "Following");
        browser.awaitText("tbody", "/account");
        get(proxy.uri("/later"));
        browser.awaitText("tbody", "/later");
        browser.type("input[type=search]", "later");
        browser.awaitText("main > div > span", "1 request");
        browser.click("tbody .as-link");
        browser.awaitText("dialog", "Not stored");
        browser.press(Keys.ESCAPE);
        browser.clickNamed("main", "Pause");
        get(proxy.uri("/later/still"));
        browser.awaitText(".live-state", "Paused");
        assertThat(browser.all("tbody tr")).hasSize(1);
        browser.click("tbody .as-link");
        browser.clickNamed("dialog", "Explain");
        browser.awaitText("main", "A recorded request");
        browser.awaitText(".step.decides", "uri-miss");
    }

    private void replaceInFile(String text, String by) throws IOException {
        Path file = folder.resolve("caching-proxy.yaml");
        Files.writeString(file, Files.readString(file).replace(text, by));
    }

    @Test
    void a_configuration_is_shown_checked_and_reloaded() throws IOException {
        open("configuration");
        browser.awaitText("pre", "shop rule");
        browser.type("textarea", "prot: 8000");
        browser.clickNamed("form", "Check");
        browser.awaitText("main", "did you mean `port`");
        browser.type(
                "textarea",
                Files.readString(folder.resolve("caching-proxy.yaml"))
                        .replace("match: {path: /products/**}", "ttl: 60s"));
        browser.clickNamed("form", "Preview");
        browser.awaitText(".preview", "Newly stored");
        browser.awaitText(".preview tbody", "/account");
        browser.awaitText(".preview .diff", "+         ttl: 60s");
        browser.awaitText(".preview .diff", "−         match:");
        replaceInFile("shop rule", "<b>shop</b> rule");
        browser.clickNamed("main", "Check the file");
        browser.awaitText(".diff del", "Removed:");
        browser.awaitText(".diff ins", "<b>shop</b> rule");
        assertThat(browser.barriers()).isEmpty();
        browser.prefer("dark");
        assertThat(browser.barriers()).isEmpty();
        replaceInFile("<b>shop</b> rule", "shop rule");
        browser.clickNamed("main", "Reload");
        browser.awaitText("main", "The new configuration is in effect");
        browser.awaitText(".facts", "Succeeded");
        browser.awaitText("pre", "shop rule");
        Files.writeString(folder.resolve("caching-proxy.yaml"), "tll: 3");
        browser.clickNamed("main", "Reload");
        browser.awaitText("main", "Not reloaded: nothing has changed");
    }

    @Test
    void top_urls_have_the_reason_of_their_misses() {
        open("top?by=misses");
        browser.awaitText("tbody", "/account");
        browser.awaitText("tbody", "response-private");
        browser.clickNamed("tbody tr", "Explain");
        browser.awaitText("main", "The request");
    }

    @Test
    void nothing_that_clients_and_origins_send_becomes_a_script() throws Exception {
        String path = "/" + ATTACK;
        origin.on(path, "x", "Cache-Control", "max-age=60, " + ATTACK, "Surrogate-Key", ATTACK, "Vary", "X-Attack")
                .on("/products/1", ATTACK, "Content-Type", "text/html", "Cache-Tag", ATTACK);
        proxy.close();
        proxy = start(ATTACK);
        String raw = "/" + encoded(ATTACK).replace("+", "%20");
        get(proxy.uri(raw), "X-Attack", ATTACK);
        get(proxy.uri(raw), "X-Attack", ATTACK);
        get(proxy.uri("/products/1?" + raw));
        sendRaw("GET /products/1?" + ATTACK.replace(" ", "/")
                + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        sendRaw("GET / HTTP/1.1\r\nHost: localhost" + ATTACK + "\r\nConnection: close\r\n\r\n");
        String url = encoded(proxy.uri(raw).toString());
        for (String view : List.of(
                "overview",
                "live",
                "top?by=misses",
                "sites",
                "origins",
                "entries",
                "entries?q=" + encoded(ATTACK),
                "purge?tag=" + encoded(ATTACK) + "&url=" + url,
                "explain?url=" + url + "&method=" + encoded(ATTACK),
                "explain?url=" + url,
                "configuration",
                "nodes",
                "about")) {
            open(view);
            awaitLoaded();
            assertNotAttacked(view);
        }
        open("entries?q=img");
        browser.click("tbody .as-link");
        browser.awaitText("dialog", "<script>window.attacked=1</script>");
        assertNotAttacked("entry");
        open("explain");
        browser.type("input[name=url]", proxy.uri(raw).toString());
        browser.type("textarea[name=headers]", "X-Attack: " + ATTACK);
        browser.click("#source-fetch");
        browser.clickNamed("form", "Explain");
        browser.awaitText("main", "onerror=window.attacked=1");
        assertNotAttacked("explanation");
        assertThat(browser.requested()).noneMatch(it -> it.endsWith("/x"));
    }

    private static void assertNotAttacked(String where) {
        assertThat(browser.script("return window.attacked")).as(where).isEqualTo("null");
        assertThat(browser.all("body img, body script")).as(where).isEmpty();
    }

    private void sendRaw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", proxy.port())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            socket.getInputStream().readAllBytes();
        }
    }

    @Test
    void a_text_cannot_be_parsed_as_html_even_by_a_defect_of_the_page() {
        open("about");
        browser.awaitText("h1", "About");
        assertThat(browser.script("""
                        try { document.body.innerHTML = '<img src=x onerror=window.attacked=1>'; return 'parsed'; }
                        catch (refused) { return refused.name; }""")).isEqualTo("TypeError");
        browser.complaints();
    }

    @Test
    void the_token_is_asked_for_and_kept_in_the_tab() throws Exception {
        proxy.close();
        Path token = Files.writeString(folder.resolve("token"), "a-long-secret-token");
        proxy = start("rule", "--admin-token-file", token.toString());
        open("entries");
        browser.awaitText("h1", "Sign in");
        browser.type("input[name=token]", "another-secret-token");
        browser.clickNamed("form", "Sign in");
        browser.awaitText(".notice.error", "The listener refused this token");
        browser.type("input[name=token]", "a-long-secret-token");
        browser.clickNamed("form", "Sign in");
        browser.awaitText("h1", "Entries");
        browser.awaitText(".empty", "Nothing is stored");
        open("about");
        browser.awaitText("main", "Instance");
        assertThat(browser.script("return JSON.stringify(localStorage) + document.cookie")
                        .toString())
                .doesNotContain("secret");
        browser.clickNamed("main", "Sign out");
        browser.awaitText("h1", "Sign in");
        assertThat(browser.complaints()).allMatch(it -> it.contains("401"));
        assertThat(browser.requested()).allMatch(url -> !url.contains("secret"));
    }

    @Test
    void an_instance_that_stops_is_reported() throws IOException {
        open("entries");
        browser.awaitText(".status", "Connected");
        proxy.close();
        browser.clickNamed("main", "Refresh");
        browser.awaitText(".notice.error", "The admin listener cannot be reached");
        browser.awaitText(".status", "Not reachable");
        assertThat(browser.fragment()).isEqualTo("/entries");
    }
}
