package io.cachingproxy.cli.config;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.reader.ReaderException;

/** Reads YAML 1.1 into values with places. Aliases and merge keys ({@code <<}) are expanded, up to a limit. */
final class YamlReader {
    /** Of nodes, once aliases are expanded: some ten thousand rules. */
    private static final int MAX_NODES = 2_000_000;

    private static final int MAX_DEPTH = 50;
    private static final int MAX_CHARACTERS = 20_000_000;

    private final Problems problems;
    private final Variables variables;
    private int nodes;

    private YamlReader(Problems problems, Variables variables) {
        this.problems = problems;
        this.variables = variables;
    }

    /** The document; null for an empty one, or if it is not YAML, which is an error then. */
    static @Nullable Yaml read(String text, Variables variables, Problems problems) {
        try {
            String document = text.startsWith("\uFEFF") ? text.substring(1) : text; // a byte order mark
            Node node = new org.yaml.snakeyaml.Yaml(options()).compose(new StringReader(document));
            return node == null ? null : new YamlReader(problems, variables).value(node, "", 0);
        } catch (MarkedYAMLException e) {
            problems.error(place(mark(e)), "", "not YAML: " + cause(e));
        } catch (ReaderException e) {
            problems.error(
                    place(text, e.getPosition()),
                    "",
                    "not YAML: the character U+" + String.format("%04X", e.getCodePoint()) + " is not allowed");
        } catch (TooMuch e) {
            problems.error(e.place, "", e.what);
        } catch (RuntimeException e) { // SnakeYAML has no common type for what it refuses
            problems.error(Place.START, "", "not YAML: " + e.getMessage());
        }
        return null;
    }

    private static LoaderOptions options() {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(MAX_CHARACTERS);
        options.setNestingDepthLimit(MAX_DEPTH);
        options.setMaxAliasesForCollections(10_000);
        return options;
    }

    private static final class TooMuch extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient Place place;
        private final String what;

        TooMuch(Place place, String what) {
            super(what, null, false, false);
            this.place = place;
            this.what = what;
        }
    }

    private Yaml value(Node node, String path, int depth) {
        Place place = place(node.getStartMark());
        if (depth > MAX_DEPTH) {
            throw new TooMuch(
                    place, "nested more than " + MAX_DEPTH + " deep, perhaps by an alias within its own anchor");
        }
        if (++nodes > MAX_NODES) {
            throw new TooMuch(place, "more than " + MAX_NODES + " values, once aliases are expanded");
        }
        if (node instanceof MappingNode mapping) {
            return mapping(mapping, place, path, depth);
        }
        if (node instanceof SequenceNode sequence) {
            List<Yaml> items = new ArrayList<>();
            for (Node item : sequence.getValue()) {
                items.add(value(item, path + "[" + items.size() + "]", depth + 1));
            }
            return new Yaml.Items(place, items);
        }
        return scalar(node, place);
    }

    private Yaml mapping(MappingNode mapping, Place place, String path, int depth) {
        List<Yaml.Field> fields = new ArrayList<>();
        List<Yaml.Field> merged = new ArrayList<>();
        for (NodeTuple tuple : mapping.getValue()) {
            Place at = place(tuple.getKeyNode().getStartMark());
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                problems.error(
                        at,
                        path,
                        "a key is a list or a map: write a name; a scalar that begins with { or [ needs quotes");
                continue;
            }
            Yaml value = value(tuple.getValueNode(), Value.below(path, key.getValue()), depth + 1);
            if (Tag.MERGE.equals(key.getTag())) {
                merge(value, path, merged);
            } else {
                fields.add(new Yaml.Field(at, key.getValue(), value));
            }
        }
        Set<String> own = new HashSet<>();
        fields.forEach(field -> own.add(field.key()));
        merged.stream().filter(field -> own.add(field.key())).forEach(fields::add);
        return new Yaml.Fields(place, fields);
    }

    /** The fields of a map, or of several: the first of them wins. */
    private void merge(Yaml value, String path, List<Yaml.Field> merged) {
        if (value instanceof Yaml.Fields map) {
            merged.addAll(map.fields());
        } else if (value instanceof Yaml.Items several
                && several.items().stream().allMatch(Yaml.Fields.class::isInstance)) {
            several.items().forEach(map -> merge(map, path, merged));
        } else {
            problems.error(value.place(), Value.below(path, "<<"), "is no map: write an alias of one, as *defaults");
        }
    }

    private Yaml scalar(Node node, Place place) {
        if (!(node instanceof ScalarNode scalar)) {
            return new Yaml.Scalar(place, "", true, null);
        }
        boolean plain = scalar.getScalarStyle() == ScalarStyle.PLAIN;
        try {
            String text = variables.expand(scalar.getValue());
            return new Yaml.Scalar(place, text, plain && Tag.NULL.equals(node.getTag()), null);
        } catch (IllegalArgumentException e) {
            return new Yaml.Scalar(place, scalar.getValue(), false, e.getMessage());
        }
    }

    private static @Nullable Mark mark(MarkedYAMLException e) {
        return e.getProblemMark() == null ? e.getContextMark() : e.getProblemMark();
    }

    private static String cause(MarkedYAMLException e) {
        String problem = String.valueOf(e.getProblem());
        if (problem.contains("TAB")) {
            return "a tab cannot indent: use spaces";
        }
        String context = e.getContext() == null ? "" : e.getContext() + ", ";
        return context + problem;
    }

    private static Place place(@Nullable Mark mark) {
        return mark == null ? Place.START : new Place(mark.getLine() + 1, mark.getColumn() + 1);
    }

    private static Place place(String text, int position) {
        String before = text.substring(0, Math.max(0, Math.min(position, text.length())));
        int line = (int) before.chars().filter(c -> c == '\n').count();
        return new Place(line + 1, before.length() - before.lastIndexOf('\n'));
    }
}
