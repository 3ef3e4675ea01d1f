package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** Chromium without a window. */
final class Browser implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String AXE = "/META-INF/resources/webjars/axe-core/4.6.3/axe.min.js";

    private final ChromeDriver driver;
    private final Path screenshots;

    /** @param screenshots the folder of the screenshots */
    Browser(Path screenshots) throws IOException {
        this.screenshots = Files.createDirectories(screenshots);
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        logs.enable(LogType.PERFORMANCE, Level.ALL);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(
                installed("chromium", "chromium-browser", "google-chrome").toString());
        options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage");
        options.addArguments("--no-first-run", "--disable-background-networking", "--disable-component-update");
        options.setCapability("goog:loggingPrefs", logs);
        driver = new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(installed("chromedriver").toFile())
                        .build(),
                options);
        size(1360, 900);
    }

    private static Path installed(String... names) {
        return Stream.of(names)
                .flatMap(name -> Stream.of(System.getenv("PATH").split(":")).map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError("the PATH has no " + String.join(", ", names)));
    }

    void open(URI page) {
        driver.get("about:blank"); // so that a page that only differs in its fragment is loaded, too
        driver.get(page.toString());
    }

    /** Sets the width and height of the page in CSS pixels; below 500 it is a phone. */
    void size(int width, int height) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 500));
    }

    /** Sets the theme of the system: light or dark. */
    void prefer(String theme) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", theme))));
    }

    Object script(String script, Object... arguments) {
        return Optional.ofNullable(driver.executeScript(script, arguments)).orElse("null");
    }

    List<WebElement> all(String css) {
        return driver.findElements(By.cssSelector(css));
    }

    /** Waits for a text in an element. */
    void awaitText(String css, String text) {
        await().pollInSameThread()
                .atMost(PATIENCE)
                .ignoreException(StaleElementReferenceException.class)
                .untilAsserted(() -> assertThat(all(css).stream().map(WebElement::getText))
                        .as(css)
                        .anySatisfy(shown -> assertThat(shown).contains(text)));
    }

    /** Waits for an element, and clicks it. */
    void click(String css) {
        await().pollInSameThread().atMost(PATIENCE).ignoreExceptions().until(() -> {
            driver.findElement(By.cssSelector(css)).click();
            return true;
        });
    }

    /** Clicks the button or link with this text, inside an element. */
    void clickNamed(String within, String text) {
        await().pollInSameThread().atMost(PATIENCE).ignoreExceptions().until(() -> {
            all(within + " button, " + within + " a").stream()
                    .filter(it -> it.isDisplayed() && it.getText().strip().equals(text))
                    .findFirst()
                    .orElseThrow()
                    .click();
            return true;
        });
    }

    /** Clears a field and types a text. */
    void type(String css, String text) {
        await().pollInSameThread().atMost(PATIENCE).until(() -> !all(css).isEmpty());
        WebElement field = driver.findElement(By.cssSelector(css));
        field.clear();
        field.sendKeys(text);
    }

    void press(CharSequence... keys) {
        new Actions(driver).sendKeys(keys).perform();
    }

    void pressTab() {
        press(Keys.TAB);
    }

    String focused() {
        return driver.switchTo().activeElement().getText();
    }

    /** The fragment of the address. */
    String fragment() {
        return String.valueOf(URI.create(driver.getCurrentUrl()).getRawFragment());
    }

    void screenshot(String name) throws IOException {
        Files.write(screenshots.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
    }

    /** Closes the page, and forgets its complaints and requests. */
    void forget() {
        driver.get("about:blank");
        driver.manage().logs().get(LogType.BROWSER);
        driver.manage().logs().get(LogType.PERFORMANCE);
    }

    /** Errors and warnings in the console since the last call. */
    List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .map(LogEntry::getMessage)
                .toList();
    }

    /** The URLs that pages have requested since the last call. */
    List<String> requested() throws IOException {
        List<String> urls = new ArrayList<>();
        for (LogEntry entry : driver.manage().logs().get(LogType.PERFORMANCE).getAll()) {
            JsonNode message = MAPPER.readTree(entry.getMessage()).path("message");
            if (message.path("method").asText().equals("Network.requestWillBeSent")) {
                urls.add(message.path("params").path("request").path("url").asText());
            }
        }
        return urls;
    }

    /** What axe finds against the Web Content Accessibility Guidelines, a line each. */
    List<?> barriers() throws IOException {
        try (InputStream axe = Browser.class.getResourceAsStream(AXE)) {
            assertThat(axe).as(AXE).isNotNull();
            driver.executeScript(new String(axe.readAllBytes(), StandardCharsets.UTF_8) + ";window.axe = axe;");
        }
        return (List<?>) driver.executeAsyncScript("""
                const done = arguments[0];
                axe.run().then(
                  result => done(result.violations.map(it => it.id + ': ' + it.nodes.map(node => node.html).join(' '))),
                  error => done([String(error)]));""");
    }

    @Override
    public void close() {
        driver.quit();
    }
}
