package io.cachingproxy.jetty.front;

import io.cachingproxy.net.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files of the certificates of a listener.
 *
 * @param named the certificates that are named
 * @param folder a folder with more, each {@code NAME.crt} or {@code NAME.pem} and {@code NAME.key}; null: none
 */
public record CertificateFiles(
        List<Pem.Pair> named, @Nullable Path folder) {
    /** One certificate. */
    public static CertificateFiles of(Path chain, Path key) {
        return new CertificateFiles(List.of(new Pem.Pair(chain, key)), null);
    }

    /** The certificates there are now: the named ones, and those of the folder in alphabetical order. */
    public List<Pem.Pair> pairs() throws IOException {
        List<Pem.Pair> pairs = new ArrayList<>(named);
        if (folder != null) {
            for (Path chain : chains(folder)) {
                pairs.add(new Pem.Pair(chain, key(chain)));
            }
        }
        if (pairs.isEmpty()) {
            throw new IOException(folder + " holds no certificate: NAME.crt or NAME.pem, and NAME.key");
        }
        return pairs;
    }

    private static List<Path> chains(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().matches(".*\\.(crt|pem)"))
                    .filter(file -> Files.exists(key(file)))
                    .sorted()
                    .toList();
        } catch (IOException unreadable) {
            throw new IOException(folder + " cannot be read", unreadable);
        }
    }

    private static Path key(Path chain) {
        String name = chain.getFileName().toString();
        return chain.resolveSibling(name.substring(0, name.length() - 4) + ".key");
    }

    /** When each file was written. */
    static Map<Path, FileTime> times(List<Pem.Pair> pairs) throws IOException {
        Map<Path, FileTime> times = new LinkedHashMap<>();
        for (Pem.Pair pair : pairs) {
            times.put(pair.chain(), Files.getLastModifiedTime(pair.chain()));
            times.put(pair.key(), Files.getLastModifiedTime(pair.key()));
        }
        return times;
    }

    @Override
    public String toString() {
        return named.isEmpty() ? String.valueOf(folder) : named.get(0).chain().toString();
    }
}
