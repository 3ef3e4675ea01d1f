package io.cachingproxy.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs an action when a file differs from the one that was read and two checks in a row find it the same, so that a file
 * that is being written is not read. A replaced file and a symbolic link with a new target are changes, too.
 */
final class FileWatch implements Runnable, AutoCloseable {
    private static final long EVERY_MILLIS = 500;

    private final Path file;
    private final Runnable action;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "watch-config");
        thread.setDaemon(true);
        return thread;
    });

    /** The file that the action has seen; null if there was none. */
    private @Nullable Version used;

    /** The file at the last check. */
    private @Nullable Version last;

    /** What distinguishes one version of the file from another. */
    private record Version(
            FileTime modified, long size, @Nullable Object file) {
        /** The version of the file now; null while there is none, for example between its removal and its replacement. */
        static @Nullable Version of(Path file) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                return new Version(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
            } catch (IOException gone) {
                return null;
            }
        }
    }

    /**
     * A file as it was when it was read.
     *
     * @param version null if there was none
     */
    record Seen(Path file, @Nullable Version version) {
        /** The file as it is now: call this before it is read, so that a change during the reading is found. */
        static Seen now(Path file) {
            return new Seen(file, Version.of(file));
        }
    }

    /** @param read the file that is in use */
    FileWatch(Seen read, Runnable action) {
        this.file = read.file();
        this.action = action;
        this.used = read.version();
        this.last = used;
    }

    /** Checks the file twice a second from now on. */
    void start() {
        timer.scheduleWithFixedDelay(this, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Checks the file once. */
    @Override
    public void run() {
        Version now = Version.of(file);
        Version before = last;
        last = now;
        if (now != null && now.equals(before) && !now.equals(used)) {
            used = now;
            action.run();
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
