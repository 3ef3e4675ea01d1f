package io.cachingproxy.cli.warm;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import javax.xml.XMLConstants;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * A sitemap or a sitemap index (sitemaps.org, version 0.9), also compressed by gzip. Document type declarations are
 * refused, so there are no entities but the five of XML.
 *
 * @param index whether the locations are those of sitemaps
 * @param locations the URLs, as written
 */
record Sitemap(boolean index, List<String> locations) {
    /** The size limit of the format, in bytes, before and after decompression. */
    static final int MAX_BYTES = 52_428_800;

    /** The limit of the format: locations in one sitemap. */
    static final int MAX_LOCATIONS = 50_000;

    private static final int MAX_LOCATION = 8_192;
    private static final int GZIP = 0x1f8b;

    /**
     * Parses a document.
     *
     * @throws IOException if it is no sitemap, or beyond a limit; the message is one line
     */
    static Sitemap parse(byte[] document) throws IOException {
        try (InputStream content = new Limited(decompressed(document), MAX_BYTES)) {
            return parse(content);
        } catch (XMLStreamException e) {
            throw e.getNestedException() instanceof IOException limit
                    ? limit
                    : new IOException(
                            "not well-formed XML at line " + e.getLocation().getLineNumber(), e);
        }
    }

    private static InputStream decompressed(byte[] document) throws IOException {
        boolean gzip = document.length > 2 && ((document[0] & 0xff) << 8 | (document[1] & 0xff)) == GZIP;
        ByteArrayInputStream bytes = new ByteArrayInputStream(document);
        return gzip ? new GZIPInputStream(bytes) : bytes;
    }

    private static Sitemap parse(InputStream content) throws XMLStreamException, IOException {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        XMLStreamReader reader = factory.createXMLStreamReader(content);
        while (reader.next() != XMLStreamConstants.START_ELEMENT) {
            if (reader.getEventType() == XMLStreamConstants.DTD) {
                throw new IOException("a document type declaration is not allowed");
            }
        }
        boolean index = reader.getLocalName().equals("sitemapindex");
        if (!index && !reader.getLocalName().equals("urlset")) {
            throw new IOException("neither a sitemap nor a sitemap index: the root is neither urlset nor sitemapindex");
        }
        return new Sitemap(index, locations(reader, index ? "sitemap" : "url"));
    }

    /** The texts of {@code loc} in each {@code item}; locations of other namespaces, as of images, are deeper. */
    private static List<String> locations(XMLStreamReader reader, String item) throws XMLStreamException, IOException {
        List<String> locations = new ArrayList<>();
        int depth = 1;
        boolean inItem = false;
        while (depth > 0) {
            int event = reader.next();
            if (event == XMLStreamConstants.END_ELEMENT) {
                depth--;
            } else if (event == XMLStreamConstants.START_ELEMENT) {
                depth++;
                inItem = depth == 2 ? reader.getLocalName().equals(item) : inItem;
                if (depth == 3 && inItem && reader.getLocalName().equals("loc")) {
                    locations.add(text(reader));
                    depth--;
                }
            }
            if (locations.size() > MAX_LOCATIONS) {
                throw new IOException("more than " + MAX_LOCATIONS + " locations");
            }
        }
        return locations;
    }

    private static String text(XMLStreamReader reader) throws XMLStreamException, IOException {
        StringBuilder text = new StringBuilder();
        for (int event = reader.next(); event != XMLStreamConstants.END_ELEMENT; event = reader.next()) {
            if (event == XMLStreamConstants.START_ELEMENT) {
                throw new IOException("an element in loc");
            } else if (reader.hasText() && event != XMLStreamConstants.COMMENT) {
                text.append(reader.getText());
            }
            if (text.length() > MAX_LOCATION) {
                throw new IOException("a location longer than " + MAX_LOCATION + " characters");
            }
        }
        return text.toString().strip();
    }

    /** Fails beyond a number of bytes. */
    private static final class Limited extends InputStream {
        private final InputStream in;
        private long left;

        Limited(InputStream in, long most) {
            this.in = in;
            this.left = most;
        }

        @Override
        public int read() throws IOException {
            int next = in.read();
            count(next < 0 ? 0 : 1);
            return next;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = in.read(bytes, offset, length);
            count(Math.max(read, 0));
            return read;
        }

        private void count(int bytes) throws IOException {
            left -= bytes;
            if (left < 0) {
                throw new IOException("longer than " + MAX_BYTES + " bytes");
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
