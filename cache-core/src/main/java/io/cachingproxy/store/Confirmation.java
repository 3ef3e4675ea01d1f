package io.cachingproxy.store;

/** Whether a purge is known to hold beyond this process. */
public enum Confirmation {
    /** It holds for every process that shares the store; a store that is not shared always confirms. */
    CONFIRMED,

    /**
     * It holds in this process only, as far as is known. The store repeats it until it is confirmed, as long as this
     * process runs: it is not remembered across a restart.
     */
    PENDING
}
