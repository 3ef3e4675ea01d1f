package io.cachingproxy.store.redis.channel;

import io.cachingproxy.http.syntax.FieldValues;
import io.cachingproxy.store.redis.link.Node;
import io.cachingproxy.store.redis.link.Operation;
import io.cachingproxy.store.redis.link.Script;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The nodes that share the prefix. Each announces itself in a Redis hash every few seconds, after a pulse, and reads the
 * announcements of the others in the same step. A node can ask the others, over the channel, to announce themselves now:
 * nodes of versions without announcements ignore that message.
 */
public final class Membership {
    private static final Duration EVERY = Duration.ofSeconds(5);

    /** How long a node is listed after its latest announcement. */
    private static final Duration KEPT = Duration.ofMinutes(2);

    private static final Duration MIN_BETWEEN_ANSWERS = Duration.ofMillis(5);
    private static final int FIRST_PAUSE = 5;
    private static final int MAX_PAUSE = 160;
    private static final int MOST = 1000;

    private final Node node;
    private final KnownPurges purges;
    private final Supplier<String> name;
    private final String version;
    private final Instant started;
    private final byte[] question;
    private volatile long announcedAt = System.nanoTime() - EVERY.toNanos();
    private volatile List<Member> members = List.of();
    private volatile long readAt = System.nanoTime();
    private volatile boolean left;

    /**
     * Creates a list without members.
     *
     * @param name of this node, read at each announcement
     */
    public Membership(Node node, KnownPurges purges, Supplier<String> name, String version, Instant started) {
        this.node = node;
        this.purges = purges;
        this.name = name;
        this.version = version;
        this.started = started;
        this.question = new Change.Question(node.id()).bytes();
    }

    /** This node, as it announces itself. */
    private Member self() {
        return new Member(node.id(), Member.shortened(name.get()), version, started, purges.complete(), Duration.ZERO);
    }

    /** Announces this node if its last announcement is some seconds old; called after each pulse that was answered. */
    void pulsed() {
        if (System.nanoTime() - announcedAt >= EVERY.toNanos()) {
            announce(new byte[0]);
        }
    }

    /** Answers the question of another node. */
    void asked() {
        if (System.nanoTime() - announcedAt >= MIN_BETWEEN_ANSWERS.toNanos()) {
            announce(new byte[0]);
        }
    }

    /** Announces this node, and reads the others. */
    private CompletableFuture<List<Member>> announce(byte[] message) {
        return left ? CompletableFuture.completedFuture(members) : exchange(self().bytes(), message);
    }

    private CompletableFuture<List<Member>> exchange(byte[] announcement, byte[] message) {
        announcedAt = System.nanoTime();
        String key = node.names().nodes();
        return node.link()
                .call(
                        Operation.NODES,
                        key,
                        node.patience(),
                        () -> node.link()
                                .list(
                                        Script.NODES,
                                        List.of(key),
                                        node.id(),
                                        announcement,
                                        KEPT.toMillis(),
                                        MOST,
                                        node.names().changes(),
                                        message))
                .thenApply(this::read);
    }

    private List<Member> read(List<byte[]> answer) {
        List<Member> read = new ArrayList<>();
        Long now = answer.isEmpty() ? null : FieldValues.number(text(answer.get(0)), Long.MAX_VALUE);
        for (int i = 1; now != null && i + 1 < answer.size(); i += 2) {
            Member member = Member.parse(text(answer.get(i)), answer.get(i + 1), now);
            if (member != null && !member.id().equals(node.id())) {
                read.add(member);
            }
        }
        readAt = System.nanoTime();
        members = List.copyOf(read);
        return members;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** This node, and the others as last read, whose silence grows since then. */
    public List<Member> members() {
        Duration since = Duration.ofNanos(System.nanoTime() - readAt);
        List<Member> all = new ArrayList<>(List.of(self()));
        for (Member it : members) {
            Duration silence = it.silence().plus(since);
            if (silence.compareTo(KEPT) <= 0) {
                all.add(new Member(it.id(), it.name(), it.version(), it.started(), it.purged(), silence));
            }
        }
        return all;
    }

    /**
     * Asks the other nodes to announce themselves, until all of them are as expected.
     *
     * @param most the time after which the stage completes in any case
     */
    public CompletableFuture<Void> ask(Predicate<Member> expected, Duration most) {
        return ask(expected, System.nanoTime() + most.toNanos(), FIRST_PAUSE);
    }

    private CompletableFuture<Void> ask(Predicate<Member> expected, long end, int pause) {
        return announce(question)
                .handle((read, failure) -> {
                    boolean over = failure != null || System.nanoTime() + pause * 1_000_000L >= end;
                    return over || members.stream().allMatch(expected);
                })
                .thenCompose(done -> done
                        ? CompletableFuture.completedFuture(null)
                        : CompletableFuture.runAsync(() -> {}, later(pause))
                                .thenCompose(v -> ask(expected, end, Math.min(MAX_PAUSE, 2 * pause))));
    }

    private static Executor later(int millis) {
        return CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS, Runnable::run);
    }

    /** Removes this node from the list; waits for Redis as long as a lookup does. */
    public void leave() {
        left = true;
        if (node.link().isOpen()) {
            try {
                exchange(new byte[0], new byte[0])
                        .completeOnTimeout(List.of(), node.deadline().toMillis(), TimeUnit.MILLISECONDS)
                        .join();
            } catch (CompletionException unreachable) {
                // it expires
            }
        }
    }
}
