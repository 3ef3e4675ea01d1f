package io.cachingproxy.origin.balance;

import io.cachingproxy.origin.balance.OriginSettings.Check;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Active health checks of an origin's servers: at most one check request per server at a time, on the HTTP client's
 * threads.
 */
public final class HealthChecks extends AbstractLifeCycle {
    private static final Logger LOG = LoggerFactory.getLogger(HealthChecks.class);

    private final String origin;
    private final ServerPool pool;
    private final Check check;
    private final HttpClient client;
    /** The servers and addresses whose next check is in flight or scheduled. */
    private final Set<Member> checked = ConcurrentHashMap.newKeySet();

    /**
     * Health checks that run from start to stop of this lifecycle.
     *
     * @param origin the name of the origin, for the log
     * @param client an HTTP client that does not follow redirects, and connects to the address in the tag of a request; the
     *     caller starts and stops it
     */
    public HealthChecks(String origin, ServerPool pool, Check check, HttpClient client) {
        this.origin = origin;
        this.pool = pool;
        this.check = check;
        this.client = client;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        refresh();
    }

    /** Begins to check the addresses that are new. The checks of others end by themselves. */
    public void refresh() {
        for (Member member : pool.current()) {
            if (checked.add(member)) {
                check(member);
            }
        }
    }

    private void check(Member member) {
        if (!isRunning() && !isStarting()) {
            return;
        }
        if (!pool.current().contains(member)) {
            checked.remove(member);
            if (pool.current().contains(member)) { // meanwhile
                refresh();
            }
            return;
        }
        Request request = client.newRequest(member.server.url().resolve("/"))
                .path(check.path())
                .tag(member.address)
                .timeout(check.timeout().toMillis(), TimeUnit.MILLISECONDS)
                .idleTimeout(check.timeout().toMillis(), TimeUnit.MILLISECONDS);
        String host = pool.settings().host();
        if (host != null) {
            request.headers(fields -> fields.put(HttpHeader.HOST, host));
        }
        try {
            request.send(result -> settle(member, result));
        } catch (RuntimeException stopping) { // a check that cannot be sent must not end the checks
            LOG.debug("A check cannot be sent", stopping);
            again(member);
        }
    }

    private void settle(Member member, Result result) {
        if (!isRunning() && !isStarting()) {
            return;
        }
        boolean passed = !result.isFailed() && check.passes(result.getResponse().getStatus());
        if (pool.checked(member, check, passed)) {
            if (passed) {
                LOG.info("Server {} of origin {} is available again", member.where(), origin);
            } else {
                LOG.warn(
                        "Server {} of origin {} gets no requests: {} checks of {} failed in a row, {}",
                        member.where(),
                        origin,
                        check.fails(),
                        check.path(),
                        result.isFailed()
                                ? String.valueOf(result.getFailure())
                                : "status " + result.getResponse().getStatus());
            }
        }
        again(member);
    }

    /**
     * Schedules the next check, with up to a tenth of the interval as jitter, so that many proxies do not check at once.
     */
    private void again(Member member) {
        long millis = check.every().toMillis();
        long later = ThreadLocalRandom.current().nextLong(millis / 10 + 1);
        if (isRunning() || isStarting()) {
            client.getScheduler().schedule(() -> check(member), millis + later, TimeUnit.MILLISECONDS);
        }
    }
}
