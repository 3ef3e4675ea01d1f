package io.cachingproxy.cli.preview;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the samples of one path say about its inputs. Inputs are left out one by one, those with the most values first, as
 * long as the others still determine the body. What is left out never changed a body; the others did, if their values
 * repeat.
 *
 * @param changing whether bodies differ although all known inputs are equal: nothing else is known then
 * @param harmless the inputs that never changed a body, with the number of comparisons
 * @param decisive the inputs that change the body, each value always to the same one
 * @param unclear inputs without which the bodies are not determined, but whose values did not repeat
 */
record PathEvidence(
        String path,
        List<Sample> samples,
        boolean changing,
        Map<String, Evidence> harmless,
        Map<String, Evidence> decisive,
        Set<String> unclear) {
    /**
     * The evidence for one input.
     *
     * @param pairs comparisons of responses with different values of the input
     * @param values the values that were compared, as hashes
     */
    record Evidence(int pairs, Set<Long> values) {
        Evidence and(Evidence other) {
            Set<Long> all = new HashSet<>(values);
            all.addAll(other.values);
            return new Evidence(pairs + other.pairs, all);
        }
    }

    static PathEvidence of(String path, List<Sample> samples) {
        return new Elimination(path, samples).evidence();
    }

    /** The input as a column of values, and as a column of hashes of which the sums identify groups. */
    private record Column(String input, long[] values, long[] hashes, int distinct) {}

    private static final class Elimination {
        private final String path;
        private final List<Sample> samples;
        private final long[] group;

        Elimination(String path, List<Sample> samples) {
            this.path = path;
            this.samples = samples;
            this.group = new long[samples.size()];
        }

        PathEvidence evidence() {
            List<Column> varying = new ArrayList<>();
            for (Column column : columns()) {
                add(column, 1);
                if (column.distinct() > 1) {
                    varying.add(column);
                }
            }
            if (!isDetermined()) {
                return new PathEvidence(path, samples, true, Map.of(), Map.of(), Set.of());
            }
            varying.sort(Comparator.comparingInt(Column::distinct).reversed().thenComparing(Column::input));
            List<Column> left = new ArrayList<>();
            List<Column> out = new ArrayList<>();
            for (Column column : varying) {
                add(column, -1);
                if (isDetermined()) {
                    out.add(column);
                } else {
                    add(column, 1);
                    left.add(column);
                }
            }
            Map<String, Evidence> harmless = new LinkedHashMap<>();
            out.forEach(column -> {
                Evidence evidence = agreeing(column);
                if (evidence.pairs() > 0) {
                    harmless.put(column.input(), evidence);
                }
            });
            Map<String, Evidence> decisive = new LinkedHashMap<>();
            Set<String> unclear = new LinkedHashSet<>();
            left.forEach(column -> {
                Evidence evidence = differing(column);
                if (evidence.pairs() > 0) {
                    decisive.put(column.input(), evidence);
                } else {
                    unclear.add(column.input());
                }
            });
            return new PathEvidence(path, samples, false, harmless, decisive, unclear);
        }

        private List<Column> columns() {
            Set<String> inputs = new TreeSet<>();
            samples.forEach(sample -> inputs.addAll(sample.inputs().keySet()));
            List<Column> columns = new ArrayList<>();
            for (String input : inputs) {
                long[] values = new long[samples.size()];
                long[] hashes = new long[samples.size()];
                Set<Long> distinct = new HashSet<>();
                for (int i = 0; i < values.length; i++) {
                    values[i] = samples.get(i).inputs().getOrDefault(input, 0L); // 0: absent
                    hashes[i] = mixed(values[i] + mixed(columns.size() + 1));
                    distinct.add(values[i]);
                }
                columns.add(new Column(input, values, hashes, distinct.size()));
            }
            return columns;
        }

        private static long mixed(long value) {
            long hash = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
            hash = (hash ^ (hash >>> 27)) * 0x94D049BB133111EBL;
            return hash ^ (hash >>> 31);
        }

        private void add(Column column, int sign) {
            for (int i = 0; i < group.length; i++) {
                group[i] += sign * column.hashes()[i];
            }
        }

        /** Whether all responses of each group have the same body. */
        private boolean isDetermined() {
            Map<Long, Long> bodies = new HashMap<>();
            for (int i = 0; i < group.length; i++) {
                long body = samples.get(i).body();
                Long other = bodies.putIfAbsent(group[i], body);
                if (other != null && other != body) {
                    return false;
                }
            }
            return true;
        }

        /** The comparisons within groups, all of which have the same body. */
        private Evidence agreeing(Column column) {
            Map<Long, Set<Long>> groups = new HashMap<>();
            for (int i = 0; i < group.length; i++) {
                groups.computeIfAbsent(group[i], any -> new HashSet<>()).add(column.values()[i]);
            }
            int pairs = 0;
            Set<Long> values = new HashSet<>();
            for (Set<Long> each : groups.values()) {
                if (each.size() > 1) {
                    pairs += each.size() - 1;
                    values.addAll(each);
                }
            }
            return new Evidence(pairs, values);
        }

        /** The comparisons of groups that differ in this input only, of values that repeat. */
        private Evidence differing(Column column) {
            Map<Long, Map<Long, int[]>> counts = new HashMap<>();
            Map<Long, Map<Long, Long>> bodies = new HashMap<>();
            for (int i = 0; i < group.length; i++) {
                long others = group[i] - column.hashes()[i];
                long value = column.values()[i];
                counts.computeIfAbsent(others, any -> new HashMap<>()).computeIfAbsent(value, any -> new int[1])[0]++;
                bodies.computeIfAbsent(others, any -> new HashMap<>())
                        .put(value, samples.get(i).body());
            }
            int pairs = 0;
            Set<Long> values = new HashSet<>();
            for (Map.Entry<Long, Map<Long, int[]>> each : counts.entrySet()) {
                Map<Long, Long> ofGroup = bodies.getOrDefault(each.getKey(), Map.of());
                Set<Long> repeated = new HashSet<>();
                Set<Long> different = new HashSet<>();
                each.getValue().forEach((value, count) -> {
                    Long body = ofGroup.get(value);
                    if (count[0] > 1 && body != null) {
                        repeated.add(value);
                        different.add(body);
                    }
                });
                if (different.size() > 1) {
                    pairs += different.size() - 1;
                    values.addAll(repeated);
                }
            }
            return new Evidence(pairs, values);
        }
    }
}
