package example;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.View;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;
import org.springframework.web.servlet.view.InternalResourceView;
import org.springframework.web.servlet.view.RedirectView;

/** Pages that say how long they may be kept. */
@RestController
class Pages {
    /** Each answer has another number. */
    private final AtomicInteger answers = new AtomicInteger();

    private String next() {
        return "answer " + answers.incrementAndGet();
    }

    /** A new one each time: its methods change it. */
    private static CacheControl minute() {
        return CacheControl.maxAge(Duration.ofMinutes(1));
    }

    private static <T> ResponseEntity<T> minute(T body) {
        return ResponseEntity.ok().cacheControl(minute()).body(body);
    }

    @GetMapping("/public/{page}")
    ResponseEntity<String> open(@PathVariable String page) {
        return ResponseEntity.ok().cacheControl(minute().cachePublic()).body(page + " " + next());
    }

    @GetMapping("/public/never/{page}")
    ResponseEntity<String> excluded(@PathVariable String page) {
        return open(page);
    }

    @GetMapping("/unstated")
    String unstated() {
        return next();
    }

    @GetMapping("/products/{id}")
    String product(@PathVariable String id) {
        return "product " + id + " " + next();
    }

    // Pages of one client, whose authors have forgotten to say so

    @GetMapping("/session")
    ResponseEntity<String> session(HttpServletRequest request) {
        return minute(request.getSession().getId() + " " + next());
    }

    @GetMapping("/csrf")
    ResponseEntity<String> csrf(CsrfToken token) {
        return minute(token.getToken() + " " + next());
    }

    @GetMapping("/cookie")
    ResponseEntity<String> cookie(HttpServletResponse response) {
        response.addCookie(new Cookie("visitor", next().replace(' ', '-')));
        return minute(next());
    }

    @GetMapping("/me")
    ResponseEntity<String> me(Principal principal) {
        return minute("page of " + principal.getName() + " " + next());
    }

    /** The same without the request being asked. */
    @GetMapping("/me/context")
    ResponseEntity<String> context() {
        return minute("page of " + SecurityContextHolder.getContext().getAuthentication().getName() + " " + next());
    }

    // Responses that come later

    @GetMapping("/events")
    ResponseEntity<SseEmitter> events() {
        SseEmitter emitter = new SseEmitter();
        CompletableFuture.runAsync(() -> {
            try {
                emitter.send(next());
                emitter.send(next());
                emitter.complete();
            } catch (IOException gone) {
                emitter.completeWithError(gone);
            }
        });
        return ResponseEntity.ok().contentType(MediaType.TEXT_EVENT_STREAM).body(emitter);
    }

    @GetMapping("/callable")
    Callable<ResponseEntity<String>> callable() {
        return () -> minute(next());
    }

    // Pages that are equal each time

    @GetMapping(path = "/same/text", produces = "text/plain;charset=ISO-8859-1")
    ResponseEntity<String> text() {
        return minute("Gr\u00fc\u00dfe");
    }

    @GetMapping("/same/json")
    ResponseEntity<Map<String, Object>> json() {
        return minute(Map.of("name", "Gr\u00fc\u00dfe"));
    }

    @GetMapping(path = "/same/bytes", produces = "application/octet-stream")
    ResponseEntity<byte[]> bytes() {
        return minute(new byte[100_000]);
    }

    @GetMapping("/same/etag")
    ResponseEntity<String> etag() {
        return ResponseEntity.ok().cacheControl(minute()).eTag("\"a\"").lastModified(1_000_000).body("with a tag");
    }

    @GetMapping("/same/created")
    ResponseEntity<String> created() {
        return ResponseEntity.status(HttpStatus.CREATED).header("Location", "/same/text").body("created");
    }

    @GetMapping("/same/empty")
    ResponseEntity<Void> empty() {
        return ResponseEntity.noContent().cacheControl(minute()).build();
    }

    @GetMapping("/same/moved")
    RedirectView moved() {
        return new RedirectView("/same/text");
    }

    @GetMapping("/same/forward")
    View forward() {
        return new InternalResourceView("/same/json");
    }

    @GetMapping("/same/stream")
    ResponseEntity<StreamingResponseBody> stream() {
        return minute(out -> {
            for (int i = 0; i < 1000; i++) {
                out.write(("line " + i + "\n").getBytes(StandardCharsets.UTF_8));
            }
        });
    }

    @GetMapping("/same/deferred")
    DeferredResult<ResponseEntity<String>> deferred() {
        DeferredResult<ResponseEntity<String>> result = new DeferredResult<>();
        CompletableFuture.runAsync(() -> result.setResult(minute("deferred")));
        return result;
    }

    @GetMapping("/same/headers")
    ResponseEntity<String> headers() {
        return ResponseEntity.ok()
                .cacheControl(minute())
                .header("X-Several", "a", "b")
                .header("Link", "</style.css>; rel=\"preload\"; as=\"style\"")
                .header("Vary", "Accept-Language")
                .body("headers");
    }

    @GetMapping("/same/error")
    void error(HttpServletResponse response) throws IOException {
        response.sendError(418, "a teapot");
    }

    @GetMapping("/same/failure")
    String failure() {
        throw new IllegalStateException("a failure");
    }

    @GetMapping("/same/entity")
    CompletableFuture<ResponseEntity<Map<String, Object>>> entity() {
        return CompletableFuture.supplyAsync(
                () -> ResponseEntity.accepted().cacheControl(minute()).body(Map.of("accepted", true)));
    }

    @GetMapping("/same/late")
    Callable<ResponseEntity<String>> late() {
        return () -> {
            throw new IllegalStateException("a late failure");
        };
    }

    @GetMapping("/same/patience")
    DeferredResult<ResponseEntity<String>> patience() {
        return new DeferredResult<>(300L, () -> ResponseEntity.status(503).body("a fallback"));
    }

    @GetMapping("/same/resource")
    ResponseEntity<Resource> resource() {
        ContentDisposition attachment = ContentDisposition.attachment()
                .filename("gr\u00fc\u00dfe.html", StandardCharsets.UTF_8)
                .build();
        return ResponseEntity.ok()
                .cacheControl(minute())
                .header("Content-Disposition", attachment.toString())
                .body(new ClassPathResource("static/index.html"));
    }

    @GetMapping("/same/much")
    ResponseEntity<String> much() {
        return minute("gr\u00fc\u00dfe ".repeat(50_000));
    }

    @GetMapping("/same/gone")
    String gone() {
        throw new ResponseStatusException(HttpStatus.GONE, "no longer here");
    }

    @GetMapping("/same/problem")
    ResponseEntity<ProblemDetail> problem() {
        return ResponseEntity.of(ProblemDetail.forStatusAndDetail(HttpStatus.CONFLICT, "a conflict")).build();
    }

    @GetMapping("/same/parameter")
    String parameter(@RequestParam int number) {
        return "number " + number;
    }

    @GetMapping(path = "/same/produced", produces = {"application/json", "application/xml"})
    ResponseEntity<List<String>> produced() {
        return minute(List.of("a", "b"));
    }

    @GetMapping("/same/written")
    void written(HttpServletResponse response) throws IOException {
        response.setHeader("Cache-Control", "max-age=60");
        response.setLocale(Locale.GERMANY);
        response.setContentType("text/plain;charset=UTF-8");
        response.getWriter().println("gr\u00fc\u00dfe");
    }

    @GetMapping("/same/dispatched")
    void dispatched(HttpServletRequest request) {
        request.startAsync().dispatch("/same/json");
    }

    @GetMapping("/links")
    ResponseEntity<String> links(HttpServletRequest request) {
        return minute(request.getRequestURL() + " " + next());
    }

    @GetMapping("/agent")
    String agent(HttpServletRequest request) {
        return request.getHeader("User-Agent");
    }
}
