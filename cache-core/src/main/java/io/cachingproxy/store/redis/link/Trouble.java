package io.cachingproxy.store.redis.link;

import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.redisson.client.RedisAuthRequiredException;
import org.redisson.client.RedisConnectionException;
import org.redisson.client.RedisLoadingException;
import org.redisson.client.RedisMovedException;
import org.redisson.client.RedisTimeoutException;
import org.redisson.client.RedisWrongPasswordException;

/**
 * The reason why Redis is unavailable, for operators. Redisson's messages are not repeated, because they may contain
 * keys.
 *
 * @param answers whether a Redis answers, though not as expected
 * @param words the reason, to be printed after a colon or in parentheses
 */
public record Trouble(boolean answers, String words) {
    private static final int DEEPEST_CAUSE = 10;

    /** The reason of {@code failure}, from its root cause. */
    public static Trouble of(Throwable failure) {
        Throwable cause = failure;
        StringBuilder said = new StringBuilder();
        for (int depth = 0; depth < DEEPEST_CAUSE; depth++) {
            said.append(cause.getMessage()).append('\n');
            if (cause.getCause() == null) {
                break;
            }
            cause = cause.getCause();
        }
        Trouble answer = answer(cause, said.toString());
        return answer == null ? new Trouble(false, network(cause)) : answer;
    }

    private static @Nullable Trouble answer(Throwable cause, String said) {
        if (said.contains("cluster support disabled")) {
            return new Trouble(true, "it is no cluster; redis://host:port is one server");
        }
        if (cause instanceof RedisMovedException || said.contains("MOVED")) {
            return new Trouble(true, "it is a cluster; redis-cluster://host:port names one");
        }
        if (cause instanceof RedisWrongPasswordException || said.contains("WRONGPASS")) {
            return new Trouble(true, "it refuses the user or password");
        }
        if (cause instanceof RedisAuthRequiredException || said.contains("NOAUTH")) {
            return new Trouble(true, "it requires a password");
        }
        if (said.contains("NOPERM")) {
            return new Trouble(true, "its user lacks a right that is needed");
        }
        return cause instanceof RedisLoadingException ? new Trouble(true, "it is still loading its data") : null;
    }

    private static String network(Throwable cause) {
        String kind = cause.getClass().getSimpleName();
        if (cause instanceof Unreachable) {
            return "not reachable";
        }
        if (cause instanceof UnknownHostException || kind.startsWith("Dns")) { // the latter is from Netty
            return "unknown host name, " + kind;
        }
        if (cause instanceof ConnectException) {
            return "no connection, " + kind;
        }
        if (cause instanceof SSLException) {
            return "TLS failed: the certificate has to be trusted and to name the host, " + kind;
        }
        if (cause instanceof TimeoutException || cause instanceof RedisTimeoutException) {
            return "no answer in time: overloaded, behind a firewall, or TLS (rediss://) on one side only, " + kind;
        }
        return cause instanceof ClosedChannelException
                        || cause instanceof SocketException
                        || cause instanceof RedisConnectionException
                ? "connection closed: perhaps it wants TLS (rediss://), " + kind
                : kind;
    }

    /** The reason as a sentence. */
    public String sentence() {
        return (answers ? "Redis cannot be used: " : "Redis is not reachable: ") + words;
    }
}
