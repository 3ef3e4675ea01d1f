package io.cachingproxy.rules;

import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A condition on the request. Immutable; linear in the size of the request. */
interface RequestTest {
    /** Holds for every request. */
    @SuppressWarnings("ClassInitializationDeadlock") // no method is called while they are initialized
    RequestTest ALWAYS = new All(List.of());

    /**
     * Whether the condition holds.
     *
     * @param client the address of the client; null if unknown, then it is in no range
     */
    boolean holds(RequestHead request, @Nullable InetAddress client);

    /** The value as far as method and URL determine it: YES and NO hold for every request with this method and URL. */
    Truth ofUrl(String method, Target target);

    /**
     * Texts of which one begins the {@linkplain Target#normalPath() normal path} of each request for which the
     * condition holds. The empty text begins every path.
     */
    default List<String> prefixes() {
        return List.of("");
    }

    /** Whether the condition depends on method and path only, which are part of every key. */
    default boolean isOfPath() {
        return false;
    }

    /** The relative cost of the test; cheap tests are run first. */
    default int cost() {
        return 10;
    }

    default RequestTest and(RequestTest other) {
        return all(List.of(this, other));
    }

    default RequestTest negated() {
        return new Negated(this);
    }

    /** The conjunction of these tests, cheap ones first. */
    static RequestTest all(List<RequestTest> tests) {
        List<RequestTest> flat = new ArrayList<>();
        for (RequestTest test : tests) {
            if (test instanceof All all) {
                flat.addAll(all.tests);
            } else {
                flat.add(test);
            }
        }
        if (flat.size() == 1) {
            return flat.get(0);
        }
        flat.sort(Comparator.comparingInt(RequestTest::cost));
        return flat.isEmpty() ? ALWAYS : new All(List.copyOf(flat));
    }

    /** The disjunction of these tests, cheap ones first. */
    static RequestTest any(List<RequestTest> tests) {
        return tests.size() == 1
                ? tests.get(0)
                : new AnyOf(tests.stream()
                        .sorted(Comparator.comparingInt(RequestTest::cost))
                        .toList());
    }

    /** Holds if all tests hold. */
    record All(List<RequestTest> tests) implements RequestTest {
        @Override
        public boolean holds(RequestHead request, @Nullable InetAddress client) {
            for (int i = 0; i < tests.size(); i++) {
                if (!tests.get(i).holds(request, client)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public boolean isOfPath() {
            return tests.stream().allMatch(RequestTest::isOfPath);
        }

        @Override
        public Truth ofUrl(String method, Target target) {
            return Truth.allOf(tests, test -> test.ofUrl(method, target));
        }

        /** The prefixes of the test whose shortest one is the longest. */
        @Override
        public List<String> prefixes() {
            return tests.stream()
                    .map(RequestTest::prefixes)
                    .max(Comparator.comparingInt(All::shortest))
                    .orElse(List.of(""));
        }

        private static int shortest(List<String> prefixes) {
            return prefixes.stream().mapToInt(String::length).min().orElse(0);
        }

        @Override
        public int cost() {
            return tests.stream().mapToInt(RequestTest::cost).sum();
        }
    }

    /** Holds if any test holds. */
    record AnyOf(List<RequestTest> tests) implements RequestTest {
        @Override
        public boolean holds(RequestHead request, @Nullable InetAddress client) {
            for (int i = 0; i < tests.size(); i++) {
                if (tests.get(i).holds(request, client)) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public boolean isOfPath() {
            return tests.stream().allMatch(RequestTest::isOfPath);
        }

        @Override
        public List<String> prefixes() {
            return tests.stream().flatMap(test -> test.prefixes().stream()).toList();
        }

        @Override
        public Truth ofUrl(String method, Target target) {
            return Truth.anyOf(tests, test -> test.ofUrl(method, target));
        }

        @Override
        public int cost() {
            return tests.stream().mapToInt(RequestTest::cost).sum();
        }
    }

    /** Holds if the other test does not. */
    record Negated(RequestTest test) implements RequestTest {
        @Override
        public boolean holds(RequestHead request, @Nullable InetAddress client) {
            return !test.holds(request, client);
        }

        @Override
        public boolean isOfPath() {
            return test.isOfPath();
        }

        @Override
        public Truth ofUrl(String method, Target target) {
            return test.ofUrl(method, target).negated();
        }

        @Override
        public int cost() {
            return test.cost();
        }

        @Override
        public RequestTest negated() {
            return test;
        }
    }
}
