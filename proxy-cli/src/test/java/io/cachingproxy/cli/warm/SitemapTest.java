package io.cachingproxy.cli.warm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SitemapTest {
    private static final String SPACE = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'";

    @TempDir
    private Path folder;

    /** The locations; those of sitemaps in brackets. */
    private static List<String> parse(byte[] document) throws IOException {
        List<String> locations = new ArrayList<>();
        Sitemap.read(new ByteArrayInputStream(document), (url, index) -> locations.add(index ? '[' + url + ']' : url));
        return locations;
    }

    private static List<String> parse(String document) throws IOException {
        return parse(document.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] compressed(byte[] bytes) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(bytes);
        }
        return compressed.toByteArray();
    }

    @Test
    void a_sitemap_has_the_locations_of_its_pages_and_not_those_of_images() throws IOException {
        List<String> locations = parse("""
                <?xml version="1.0" encoding="UTF-8"?>
                <!-- a comment -->
                <urlset %s xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
                  <url><loc> http://a.example/?a=1&amp;b=2 </loc><lastmod>2026-01-01</lastmod></url>
                  <url>
                    <image:image><image:loc>http://a.example/i.png</image:loc></image:image>
                    <loc>http://a.example/<![CDATA[x]]><!-- c -->y</loc>
                  </url>
                  <other><loc>http://a.example/no</loc></other>
                </urlset>
                """.formatted(SPACE));
        assertThat(locations).containsExactly("http://a.example/?a=1&b=2", "http://a.example/xy");
    }

    @Test
    void an_index_has_the_locations_of_sitemaps() throws IOException {
        List<String> index = parse("<sitemapindex " + SPACE
                + "><sitemap><loc>http://a.example/1.xml</loc></sitemap><url><loc>x</loc></url></sitemapindex>");
        assertThat(index).containsExactly("[http://a.example/1.xml]");
    }

    @Test
    void a_compressed_sitemap_is_decompressed() throws IOException {
        byte[] document = compressed("<urlset><url><loc>http://a.example/</loc></url></urlset>".getBytes());
        assertThat(parse(document)).containsExactly("http://a.example/");
    }

    @ParameterizedTest
    @ValueSource(strings = {"<!DOCTYPE urlset [<!ENTITY x SYSTEM 'FILE'>]>", "<!DOCTYPE urlset SYSTEM 'FILE'>"})
    void external_entities_and_document_types_are_refused(String type) throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "http://a.example/secret");
        String document = type.replace("FILE", secret.toUri().toString());
        assertThatThrownBy(() -> parse(document + "<urlset><url><loc>&x;</loc></url></urlset>"))
                .isInstanceOf(IOException.class)
                .hasMessage("a document type declaration is not allowed");
    }

    @Test
    void entities_that_expand_without_bound_are_refused() {
        StringBuilder entities = new StringBuilder("<!ENTITY a0 'aaaaaaaaaa'>");
        for (int i = 1; i < 10; i++) {
            entities.append("<!ENTITY a%d '%s'>".formatted(i, ("&a" + (i - 1) + ";").repeat(10)));
        }
        assertThatThrownBy(
                        () -> parse("<!DOCTYPE urlset [" + entities + "]><urlset><url><loc>&a9;</loc></url></urlset>"))
                .isInstanceOf(IOException.class)
                .hasMessage("a document type declaration is not allowed");
    }

    @Test
    void a_document_that_expands_beyond_the_limit_is_refused() throws IOException {
        ByteArrayOutputStream document = new ByteArrayOutputStream();
        document.writeBytes("<urlset>".getBytes(StandardCharsets.UTF_8));
        document.writeBytes(" ".repeat(Sitemap.MAX_BYTES).getBytes(StandardCharsets.UTF_8));
        byte[] bomb = compressed(document.toByteArray());
        assertThat(bomb.length).isLessThan(100_000);
        assertThatThrownBy(() -> parse(bomb)).hasMessageContaining("longer than 52428800 bytes");
    }

    @Test
    void more_locations_than_the_format_allows_are_refused() {
        String most = "<url><loc>http://a.example/</loc></url>".repeat(Sitemap.MAX_LOCATIONS);
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> parse("<urlset>" + most + "</urlset>")))
                .isNull();
        assertThatThrownBy(() -> parse("<urlset>" + most + "<url><loc>http://a.example/</loc></url></urlset>"))
                .hasMessage("more than 50000 locations");
    }

    @Test
    void what_the_parser_would_keep_in_memory_is_refused() {
        assertThatThrownBy(() -> parse("<urlset><!--" + ">".repeat(2 << 20) + "--></urlset>"))
                .hasMessage("a tag, comment or text longer than 1048576 bytes");
        assertThatThrownBy(() -> parse("<urlset a='" + "a".repeat(2 << 20) + "'/>"))
                .hasMessage("a tag, comment or text longer than 1048576 bytes");
        assertThatThrownBy(() -> parse("<urlset>" + "<a>".repeat(200)))
                .hasMessage("elements are nested more than 100 deep");
        StringBuilder names = new StringBuilder("<urlset>");
        for (int i = 0; i < 20_000; i++) {
            names.append("<name").append(i).append("/>");
        }
        assertThatThrownBy(() -> parse(names + "</urlset>"))
                .hasMessage("more than 100000 characters of different names");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no xml",
                "<html><body>not found</body></html>",
                "<urlset><url><loc>http://a.example/",
                "<urlset><url><loc><b/></loc></url></urlset>"
            })
    void what_is_no_sitemap_is_refused_in_one_line(String document) {
        assertThatThrownBy(() -> parse(document))
                .isInstanceOf(IOException.class)
                .satisfies(it -> assertThat(it.getMessage()).doesNotContain("\n"));
    }

    @Test
    void a_location_of_a_megabyte_is_refused() {
        assertThatThrownBy(() -> parse("<urlset><url><loc>" + "a".repeat(1 << 20) + "</loc></url></urlset>"))
                .hasMessage("a location longer than 8192 characters");
    }
}
