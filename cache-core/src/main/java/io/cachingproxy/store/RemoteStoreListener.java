package io.cachingproxy.store;

import java.time.Duration;
import java.util.Locale;

/**
 * Measures a store outside of this process, such as {@code RedisStore}. Called on the threads of the store: methods must
 * return soon, and must not throw. Nothing is reported for lookups that are answered from the memory of this process.
 */
public interface RemoteStoreListener {
    /** How an operation ended. */
    enum Result {
        /** The store answered. */
        OK,
        /** The store did not answer in time. */
        TIMEOUT,
        /** The store was not reachable, or answered with an error. */
        FAILED;

        private final String tag = name().toLowerCase(Locale.ROOT);

        /** The value of the tag {@code outcome} of metrics. */
        public String tag() {
            return tag;
        }
    }

    /** What a message from the store reports. */
    enum Message {
        /** A removal or a purge by another process. */
        CHANGE,
        /** Nothing: the message shows that messages arrive. */
        HEARTBEAT;

        private final String tag = name().toLowerCase(Locale.ROOT);

        /** The value of the tag {@code message} of metrics. */
        public String tag() {
            return tag;
        }
    }

    /**
     * An operation has ended.
     *
     * @param operation the kind of the operation, one of a few; such as {@code find}
     * @param time from the call to the answer or the timeout
     */
    void onOperation(String operation, Result result, Duration time);

    /**
     * A message has taken effect in this process.
     *
     * @param lag the time since the store assigned the time in the message, by the clock of the store
     */
    void onMessage(Message message, Duration lag);
}
