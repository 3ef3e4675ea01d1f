package io.cachingproxy.store;

/** Whether a purge is known to be applied beyond this process. */
public enum Confirmation {
    /** Applied by every process that shares the store; a store that is not shared always confirms. */
    CONFIRMED,

    /**
     * Known to be applied in this process only. The store repeats the purge until it is confirmed, as long as this
     * process runs; it is not remembered across a restart.
     */
    PENDING
}
