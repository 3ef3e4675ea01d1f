package io.cachingproxy.cli.admin;

import java.util.concurrent.Semaphore;

/** What all requests to the listener together may hold in memory. */
final class Budget {
    private static final int CONTENT = 16 * 1024 * 1024;
    private static final int LARGE_ANSWERS = 4;

    /** Bytes of an answer that needs no permit. */
    static final int SMALL_ANSWER = 64 * 1024;

    private final Semaphore content = new Semaphore(CONTENT);
    private final Semaphore answers = new Semaphore(LARGE_ANSWERS);

    /** Takes memory for {@code bytes} of the content of a request; false if there is none left. */
    boolean takeContent(int bytes) {
        return content.tryAcquire(bytes);
    }

    void giveContent(int bytes) {
        content.release(bytes);
    }

    /** Takes the permit for an answer above {@link #SMALL_ANSWER}; false if there is none left. */
    boolean takeAnswer() {
        return answers.tryAcquire();
    }

    void giveAnswer() {
        answers.release();
    }
}
