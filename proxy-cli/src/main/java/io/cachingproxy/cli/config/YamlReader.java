package io.cachingproxy.cli.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/** Reads YAML 1.1 into values with positions. Aliases and merge keys ({@code <<}) are expanded, up to a limit. */
final class YamlReader {
    private static final int MAX_DEPTH = 50;
    private static final String TOO_LARGE = ", which is more than the heap is sure to hold: see -Xmx";
    private static final LoaderOptions OPTIONS = options();

    private final Problems problems;
    private final Variables variables;
    private final Bounds bounds;

    /** The values of nodes that were read already: an alias has the same node as its anchor. */
    private final IdentityHashMap<Node, Read> known = new IdentityHashMap<>();

    private final Set<Node> open = Collections.newSetFromMap(new IdentityHashMap<>());

    private YamlReader(Problems problems, Variables variables, Bounds bounds) {
        this.problems = problems;
        this.variables = variables;
        this.bounds = bounds;
    }

    /**
     * A value and its size after the expansion of aliases.
     *
     * @param depth the nesting depth
     */
    private record Read(Yaml yaml, long values, long characters, int depth) {}

    /** The document; null if it is empty, or is not YAML, which adds an error. */
    static @Nullable Yaml read(String text, Variables variables, Problems problems, Bounds bounds) {
        try {
            String document = text.startsWith("\uFEFF") ? text.substring(1) : text; // a byte order mark
            if (document.length() > bounds.characters()) {
                throw new TooMuch(Place.START, "more than " + bounds.characters() + " characters" + TOO_LARGE);
            }
            Node node =
                    new Composer(new BoundedParser(document, bounds), new NullsAndMerges(), OPTIONS).getSingleNode();
            return node == null
                    ? null
                    : new YamlReader(problems, variables, bounds)
                            .value(node, "", 0)
                            .yaml();
        } catch (MarkedYAMLException e) {
            problems.error(place(mark(e)), "", "not YAML: " + cause(e));
        } catch (ReaderException e) {
            problems.error(
                    place(text, e.getPosition()),
                    "",
                    "not YAML: the character U+" + String.format("%04X", e.getCodePoint()) + " is not allowed");
        } catch (TooMuch e) {
            problems.error(e.place, "", e.what);
        } catch (CancellationException e) {
            throw e;
        } catch (RuntimeException e) { // SnakeYAML's exceptions have no common type
            problems.error(Place.START, "", "not YAML: " + e.getMessage());
        }
        return null;
    }

    private static LoaderOptions options() {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(Integer.MAX_VALUE); // Bounds limits the size
        options.setNestingDepthLimit(MAX_DEPTH);
        options.setMaxAliasesForCollections(10_000);
        return options;
    }

    /** Recognizes null and merge keys only, because all other scalars are text. */
    private static final class NullsAndMerges extends Resolver {
        private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");

        @Override
        public Tag resolve(NodeId kind, String value, boolean implicit) {
            if (kind != NodeId.scalar || !implicit) {
                return super.resolve(kind, value, implicit);
            }
            return NULLS.contains(value) ? Tag.NULL : value.equals("<<") ? Tag.MERGE : Tag.STR;
        }
    }

    /** Aborts before the nodes of a document exhaust the heap. */
    private static final class BoundedParser extends ParserImpl {
        private final Bounds bounds;
        private int events;

        BoundedParser(String document, Bounds bounds) {
            super(new StreamReader(document), OPTIONS);
            this.bounds = bounds;
        }

        @Override
        public Event getEvent() {
            Interruption.check();
            Event event = super.getEvent();
            if (++events > 2L * bounds.values()) { // a collection has two events
                throw new TooMuch(place(event.getStartMark()), "more than " + bounds.values() + " values" + TOO_LARGE);
            }
            return event;
        }
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

    private Read value(Node node, String path, int depth) {
        Interruption.check();
        Read before = known.get(node);
        Place place = place(node.getStartMark());
        if (depth + (before == null ? 0 : before.depth()) > MAX_DEPTH || !open.add(node)) {
            throw new TooMuch(
                    place, "nested more than " + MAX_DEPTH + " deep, perhaps by an alias within its own anchor");
        }
        Read read = before == null ? anew(node, place, path, depth) : before;
        open.remove(node);
        known.put(node, read);
        if (read.values() > bounds.values()) {
            throw new TooMuch(place, "more than " + bounds.values() + " values, once aliases are expanded" + TOO_LARGE);
        }
        if (read.characters() > bounds.characters()) {
            throw new TooMuch(
                    place, "more than " + bounds.characters() + " characters, once aliases are expanded" + TOO_LARGE);
        }
        return read;
    }

    private Read anew(Node node, Place place, String path, int depth) {
        if (node instanceof MappingNode mapping) {
            return mapping(mapping, place, path, depth);
        }
        if (node instanceof SequenceNode sequence) {
            List<Yaml> items = new ArrayList<>();
            Size size = new Size();
            for (Node item : sequence.getValue()) {
                items.add(size.with(value(item, path + "[" + items.size() + "]", depth + 1)));
            }
            return size.of(new Yaml.Items(place, items));
        }
        Yaml.Scalar scalar = scalar(node, place);
        return new Read(scalar, 1, scalar.text().length(), 0);
    }

    /** The size of a collection. */
    private static final class Size {
        private long values = 1;
        private long characters;
        private int depth;

        Yaml with(Read read) {
            values += read.values();
            characters += read.characters();
            depth = Math.max(depth, read.depth() + 1);
            return read.yaml();
        }

        Read of(Yaml yaml) {
            return new Read(yaml, values, characters, depth);
        }
    }

    private Read mapping(MappingNode mapping, Place place, String path, int depth) {
        List<Yaml.Field> fields = new ArrayList<>();
        List<Yaml.Field> merged = new ArrayList<>();
        Size size = new Size();
        for (NodeTuple tuple : mapping.getValue()) {
            Place at = place(tuple.getKeyNode().getStartMark());
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                problems.error(
                        at,
                        path,
                        "a key is a list or a map: write a name; a scalar that begins with { or [ needs quotes");
                continue;
            }
            Yaml value = size.with(value(tuple.getValueNode(), Value.below(path, key.getValue()), depth + 1));
            size.characters += key.getValue().length();
            if (Tag.MERGE.equals(key.getTag())) {
                merge(value, path, merged);
            } else {
                fields.add(new Yaml.Field(at, key.getValue(), value));
            }
        }
        Set<String> own = new HashSet<>();
        fields.forEach(field -> own.add(field.key()));
        merged.stream().filter(field -> own.add(field.key())).forEach(fields::add);
        return size.of(new Yaml.Fields(place, fields));
    }

    /** The fields of one or more mappings; the first mapping with a key wins. */
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

    private Yaml.Scalar scalar(Node node, Place place) {
        if (!(node instanceof ScalarNode scalar)) {
            return new Yaml.Scalar(place, "", "", true, null);
        }
        boolean plain = scalar.getScalarStyle() == ScalarStyle.PLAIN;
        try {
            String text = variables.expand(scalar.getValue());
            return new Yaml.Scalar(place, text, scalar.getValue(), plain && Tag.NULL.equals(node.getTag()), null);
        } catch (IllegalArgumentException e) {
            return new Yaml.Scalar(place, scalar.getValue(), scalar.getValue(), false, e.getMessage());
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
