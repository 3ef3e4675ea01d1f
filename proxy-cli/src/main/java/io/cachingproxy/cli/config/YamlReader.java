package io.cachingproxy.cli.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.Parser;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * Reads YAML 1.1 into values with positions, from the events of the parser. Scalars are text, except null. Aliases and
 * merge keys ({@code <<}) are expanded, up to a limit.
 */
final class YamlReader {
    private static final int MAX_DEPTH = 50;
    private static final String NESTED =
            "nested more than " + MAX_DEPTH + " deep, perhaps by an alias within its own anchor";
    private static final String TOO_LARGE = ", which is more than the heap is sure to hold: see -Xmx";
    private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");
    private static final String MERGE = "<<";
    private static final LoaderOptions OPTIONS = options();

    private final Parser parser;
    private final Problems problems;
    private final Variables variables;
    private final Bounds bounds;
    private int events;

    private final Map<String, Anchored> anchors = new HashMap<>();

    private YamlReader(String document, Problems problems, Variables variables, Bounds bounds) {
        this.parser = new ParserImpl(new StreamReader(document), OPTIONS);
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

    /**
     * A value with an anchor.
     *
     * @param read null while the value is being read, so that an alias would be within its own anchor
     */
    private record Anchored(Place place, @Nullable Read read) {}

    /** The document; null if it is empty, or is not YAML, which adds an error. */
    static @Nullable Yaml read(String text, Variables variables, Problems problems, Bounds bounds) {
        try {
            String document = text.startsWith("\uFEFF") ? text.substring(1) : text; // a byte order mark
            if (document.length() > bounds.characters()) {
                throw new NotYaml(Place.START, "more than " + bounds.characters() + " characters" + TOO_LARGE);
            }
            return new YamlReader(document, problems, variables, bounds).document();
        } catch (NotYaml e) {
            problems.error(e.place, "", e.what);
        } catch (MarkedYAMLException e) {
            problems.error(place(mark(e)), "", "not YAML: " + cause(e));
        } catch (ReaderException e) {
            problems.error(
                    place(text, e.getPosition()),
                    "",
                    "not YAML: the character U+" + String.format("%04X", e.getCodePoint()) + " is not allowed");
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
        return options;
    }

    /** Ends the reading of a document that is not YAML, or is too much. */
    private static final class NotYaml extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient Place place;
        private final String what;

        NotYaml(Place place, String what) {
            super(what, null, false, false);
            this.place = place;
            this.what = what;
        }
    }

    /** The next event. Aborts before the values of a document exhaust the heap. */
    private Event next() {
        Interruption.check();
        Event event = parser.getEvent();
        if (++events > 2L * bounds.values()) { // a collection has two events
            throw new NotYaml(place(event.getStartMark()), "more than " + bounds.values() + " values" + TOO_LARGE);
        }
        return event;
    }

    private @Nullable Yaml document() {
        next(); // the start of the stream
        if (next().is(Event.ID.StreamEnd)) {
            return null;
        }
        Yaml yaml = value(next(), "", 0).yaml();
        next(); // the end of the document
        Event after = next();
        if (!after.is(Event.ID.StreamEnd)) {
            throw new NotYaml(place(after.getStartMark()), "not YAML: a second document; a file has one");
        }
        return yaml;
    }

    /** The value that begins with {@code first}. */
    private Read value(Event first, String path, int depth) {
        Place place = place(first.getStartMark());
        if (depth > MAX_DEPTH) {
            throw new NotYaml(place, NESTED);
        }
        Read read = first instanceof AliasEvent alias
                ? anchored(alias, place, depth)
                : anchored((NodeEvent) first, place, path, depth);
        if (read.values() > bounds.values()) {
            throw new NotYaml(place, "more than " + bounds.values() + " values, once aliases are expanded" + TOO_LARGE);
        }
        if (read.characters() > bounds.characters()) {
            throw new NotYaml(
                    place, "more than " + bounds.characters() + " characters, once aliases are expanded" + TOO_LARGE);
        }
        return read;
    }

    /** The value that an alias stands for. */
    private Read anchored(AliasEvent alias, Place place, int depth) {
        Anchored anchored = anchors.get(alias.getAnchor());
        if (anchored == null) {
            throw new NotYaml(place, "not YAML: found undefined alias " + alias.getAnchor());
        }
        Read read = anchored.read();
        if (read == null || depth + read.depth() > MAX_DEPTH) {
            throw new NotYaml(anchored.place(), NESTED);
        }
        return read;
    }

    private Read anchored(NodeEvent first, Place place, String path, int depth) {
        String anchor = first.getAnchor();
        if (anchor == null) {
            return anew(first, place, path, depth);
        }
        anchors.put(anchor, new Anchored(place, null));
        Read read = anew(first, place, path, depth);
        anchors.put(anchor, new Anchored(place, read));
        return read;
    }

    private Read anew(NodeEvent first, Place place, String path, int depth) {
        if (first instanceof MappingStartEvent) {
            return mapping(place, path, depth);
        }
        if (first instanceof SequenceStartEvent) {
            return sequence(place, path, depth);
        }
        Yaml.Scalar scalar = scalar((ScalarEvent) first, place);
        return new Read(scalar, 1, scalar.text().length(), 0);
    }

    private Read sequence(Place place, String path, int depth) {
        List<Yaml> items = new ArrayList<>();
        Size size = new Size();
        for (Event item = next(); !item.is(Event.ID.SequenceEnd); item = next()) {
            items.add(size.with(value(item, path + "[" + items.size() + "]", depth + 1)));
        }
        return size.of(new Yaml.Items(place, items));
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

    private Read mapping(Place place, String path, int depth) {
        List<Yaml.Field> fields = new ArrayList<>();
        List<Yaml.Field> merged = new ArrayList<>();
        Size size = new Size();
        for (Event first = next(); !first.is(Event.ID.MappingEnd); first = next()) {
            Yaml key = value(first, path, depth + 1).yaml();
            if (!(key instanceof Yaml.Scalar name)) {
                problems.error(
                        key.place(),
                        path,
                        "a key is a list or a map: write a name; a scalar that begins with { or [ needs quotes");
                value(next(), path, depth + 1);
                continue;
            }
            String text = name.written();
            Yaml value = size.with(value(next(), Value.below(path, text), depth + 1));
            size.characters += text.length();
            if (text.equals(MERGE) && first instanceof ScalarEvent scalar && isPlain(scalar)) {
                merge(value, path, merged);
            } else {
                fields.add(new Yaml.Field(key.place(), text, value));
            }
        }
        if (!merged.isEmpty()) {
            Set<String> own = new HashSet<>();
            fields.forEach(field -> own.add(field.key()));
            merged.stream().filter(field -> own.add(field.key())).forEach(fields::add);
        }
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
            problems.error(value.place(), Value.below(path, MERGE), "is no map: write an alias of one, as *defaults");
        }
    }

    private Yaml.Scalar scalar(ScalarEvent scalar, Place place) {
        String written = scalar.getValue();
        boolean isNull = isPlain(scalar) && NULLS.contains(written)
                || scalar.getScalarStyle() == ScalarStyle.PLAIN
                        && Tag.NULL.getValue().equals(scalar.getTag());
        try {
            return new Yaml.Scalar(place, variables.expand(written), written, isNull, null);
        } catch (IllegalArgumentException e) {
            return new Yaml.Scalar(place, written, written, false, e.getMessage());
        }
    }

    /** Whether a scalar has neither quotes nor a tag. */
    private static boolean isPlain(ScalarEvent scalar) {
        return scalar.getImplicit().canOmitTagInPlainScalar();
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
