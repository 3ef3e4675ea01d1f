package io.cachingproxy.cli.admin;

import io.cachingproxy.cli.requests.RecentRequests;
import io.cachingproxy.cli.text.Json;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Lists the recent requests, and follows new ones as server-sent events. A follower that reads slower than requests
 * arrive misses some; one that reads nothing is disconnected.
 */
public final class RequestsApi implements AdminRoutes.Group {
    /** The path of the list. */
    public static final String PATH = "/api/requests";

    private static final int USUAL = 100;
    private static final int MOST_FOLLOWERS = 16;
    private static final int WAITING = 256;
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);

    private final RecentRequests recent;
    private final Duration heartbeat;
    private final Semaphore followers = new Semaphore(MOST_FOLLOWERS);

    /** @param recent the recent requests */
    public RequestsApi(RecentRequests recent) {
        this(recent, HEARTBEAT);
    }

    /** @param heartbeat time between comment lines; a follower that reads nothing is disconnected after the third */
    RequestsApi(RecentRequests recent, Duration heartbeat) {
        this.recent = recent;
        this.heartbeat = heartbeat;
    }

    @Override
    public void addTo(AdminRoutes routes) {
        routes.get(PATH, exchange -> {
            String accept = exchange.request().getHeaders().get(HttpHeader.ACCEPT);
            int limit = limit(exchange.query());
            if (accept != null && accept.contains("text/event-stream")) {
                follow(exchange);
            } else {
                exchange.json(200, Map.of("requests", Json.first(recent.last(limit), Json.LONGEST_LIST)));
            }
        });
    }

    private static int limit(Fields query) {
        query.forEach(field -> {
            if (!field.getName().equals("limit")) {
                throw new AdminExchange.Refused(400, "unknown parameter; known is limit");
            }
        });
        String text = query.getValue("limit");
        int limit = text == null ? USUAL : text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : 0;
        if (limit < 1 || limit > RecentRequests.KEPT) {
            throw new AdminExchange.Refused(400, "limit is between 1 and " + RecentRequests.KEPT);
        }
        return limit;
    }

    private void follow(AdminExchange exchange) {
        if (!followers.tryAcquire()) {
            throw AdminExchange.Refused.later("at most " + MOST_FOLLOWERS + " clients can follow the requests");
        }
        new Follower(exchange).begin();
    }

    /** A client that follows the requests. One write is under way at a time. */
    private final class Follower implements Consumer<Map<String, Object>>, Callback {
        private final AdminExchange exchange;
        private final Scheduler scheduler;
        private final Queue<String> waiting = new ArrayDeque<>();
        private Scheduler.@Nullable Task nextBeat;
        private boolean writes;

        /** Heartbeats since the write in progress began. */
        private int missed;

        private boolean ended;

        Follower(AdminExchange exchange) {
            this.exchange = exchange;
            this.scheduler = exchange.request().getComponents().getScheduler();
        }

        void begin() {
            exchange.head(200, "text/event-stream;charset=utf-8");
            exchange.request().addIdleTimeoutListener(timeout -> false); // the heartbeat finds clients that are gone
            offer(": requests from now on\n\n");
            recent.follow(this);
            beat();
        }

        private void beat() {
            boolean gone;
            synchronized (this) {
                if (ended) {
                    return;
                }
                gone = writes && ++missed > 2;
                nextBeat = scheduler.schedule(this::beat, heartbeat.toMillis(), TimeUnit.MILLISECONDS);
            }
            if (gone) {
                TimeoutException reason = new TimeoutException("the follower does not read");
                exchange.request()
                        .getConnectionMetaData()
                        .getConnection()
                        .getEndPoint()
                        .close(reason);
            } else {
                offer(":\n\n");
            }
        }

        @Override
        public void accept(Map<String, Object> request) {
            offer("event: request\ndata: " + Json.of(request) + "\n\n");
        }

        private void offer(String event) {
            synchronized (this) {
                if (ended || waiting.size() >= WAITING) {
                    return;
                }
                waiting.add(event);
                if (writes) {
                    return;
                }
                writes = true;
            }
            writeNext();
        }

        private void writeNext() {
            ByteBuffer bytes;
            synchronized (this) {
                missed = 0;
                String all = String.join("", waiting);
                waiting.clear();
                if (all.isEmpty()) {
                    writes = false;
                    return;
                }
                bytes = ByteBuffer.wrap(all.getBytes(StandardCharsets.UTF_8));
            }
            exchange.response().write(false, bytes, this);
        }

        @Override
        public void succeeded() {
            writeNext();
        }

        @Override
        public void failed(Throwable gone) {
            synchronized (this) {
                ended = true;
                if (nextBeat != null) {
                    nextBeat.cancel();
                }
            }
            recent.unfollow(this);
            followers.release();
            exchange.callback().failed(gone);
        }

        @Override
        public InvocationType getInvocationType() {
            return InvocationType.NON_BLOCKING;
        }
    }
}
