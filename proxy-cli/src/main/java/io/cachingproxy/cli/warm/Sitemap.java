package io.cachingproxy.cli.warm;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import javax.xml.XMLConstants;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Reads a sitemap or a sitemap index (sitemaps.org, version 0.9), also compressed by gzip, as a stream: the memory is
 * bounded by the limits below. Document type declarations are refused, so there are no entities but the five of XML.
 */
final class Sitemap {
    /** The size limit of the format, in bytes, before and after decompression. */
    static final int MAX_BYTES = 52_428_800;

    /** The limit of the format: locations in one sitemap. */
    static final int MAX_LOCATIONS = 50_000;

    private static final int MAX_LOCATION = 8_192;

    /** The longest tag, comment or section, in bytes, which the XML parser reads as a whole. */
    private static final int MAX_TOKEN = 1 << 20;

    /** The XML parser keeps the open elements. */
    private static final int MAX_DEPTH = 100;

    /** The XML parser keeps each name of an element, attribute or namespace: their characters in all. */
    private static final int MAX_NAMES = 100_000;

    private static final int GZIP = 0x1f8b;

    private final Limited content;
    private final XMLStreamReader reader;
    private final Locations locations;
    private final Set<String> names = new HashSet<>();
    private int lengthOfNames;
    private int count;

    private Sitemap(Limited content, XMLStreamReader reader, Locations locations) {
        this.content = content;
        this.reader = reader;
        this.locations = locations;
    }

    /** Receives each location when it is read. */
    interface Locations {
        /**
         * Receives a URL as written.
         *
         * @param index whether it is the URL of a sitemap
         * @throws IOException to end the reading
         */
        void add(String location, boolean index) throws IOException;
    }

    /**
     * Reads a document. The locations before an error are passed on.
     *
     * @throws IOException if it is no sitemap, or beyond a limit; the message is one line
     */
    static void read(InputStream document, Locations locations) throws IOException {
        Limited content = new Limited(decompressed(new Limited(document)));
        try {
            XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
            factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
            factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
            factory.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "");
            factory.setProperty("jdk.xml.maxElementDepth", "0"); // MAX_DEPTH applies, with its own message
            new Sitemap(content, factory.createXMLStreamReader(content), locations).read();
        } catch (XMLStreamException e) {
            throw e.getNestedException() instanceof IOException limit
                    ? limit
                    : new IOException(
                            "not well-formed XML at line " + e.getLocation().getLineNumber(), e);
        }
    }

    private static InputStream decompressed(InputStream document) throws IOException {
        BufferedInputStream bytes = new BufferedInputStream(document);
        bytes.mark(2);
        int magic = bytes.read() << 8 | bytes.read();
        bytes.reset();
        return magic == GZIP ? new GZIPInputStream(bytes) : bytes;
    }

    private void read() throws XMLStreamException, IOException {
        while (next() != XMLStreamConstants.START_ELEMENT) {
            if (reader.getEventType() == XMLStreamConstants.DTD) {
                throw new IOException("a document type declaration is not allowed");
            }
        }
        boolean index = reader.getLocalName().equals("sitemapindex");
        if (!index && !reader.getLocalName().equals("urlset")) {
            throw new IOException("neither a sitemap nor a sitemap index: the root is neither urlset nor sitemapindex");
        }
        locations(index);
        content.transferTo(OutputStream.nullOutputStream()); // so that the response is complete
    }

    /** The texts of {@code loc} in each item; locations of other namespaces, as of images, are deeper. */
    private void locations(boolean index) throws XMLStreamException, IOException {
        String item = index ? "sitemap" : "url";
        int depth = 1;
        boolean inItem = false;
        while (depth > 0) {
            int event = next();
            if (event == XMLStreamConstants.END_ELEMENT) {
                depth--;
            } else if (event == XMLStreamConstants.START_ELEMENT) {
                depth++;
                limit(depth <= MAX_DEPTH, "elements are nested more than " + MAX_DEPTH + " deep");
                inItem = depth == 2 ? reader.getLocalName().equals(item) : inItem;
                if (depth == 3 && inItem && reader.getLocalName().equals("loc")) {
                    String location = text();
                    limit(++count <= MAX_LOCATIONS, "more than " + MAX_LOCATIONS + " locations");
                    locations.add(location, index);
                    depth--;
                }
            }
        }
    }

    private String text() throws XMLStreamException, IOException {
        StringBuilder text = new StringBuilder();
        for (int event = next(); event != XMLStreamConstants.END_ELEMENT; event = next()) {
            if (event == XMLStreamConstants.START_ELEMENT) {
                throw new IOException("an element in loc");
            } else if (reader.hasText() && event != XMLStreamConstants.COMMENT) {
                text.append(reader.getText());
                limit(text.length() <= MAX_LOCATION, "a location longer than " + MAX_LOCATION + " characters");
            }
        }
        return text.toString().strip();
    }

    private int next() throws XMLStreamException, IOException {
        content.beginToken();
        int event = reader.next();
        if (event == XMLStreamConstants.PROCESSING_INSTRUCTION) {
            name(reader.getPITarget());
        } else if (event == XMLStreamConstants.START_ELEMENT) {
            name(reader.getLocalName());
            for (int i = 0; i < reader.getAttributeCount(); i++) {
                name(reader.getAttributeLocalName(i));
            }
            for (int i = 0; i < reader.getNamespaceCount(); i++) {
                name(reader.getNamespacePrefix(i) + '=' + reader.getNamespaceURI(i));
            }
        }
        return event;
    }

    private void name(String name) throws IOException {
        lengthOfNames += names.add(name) ? name.length() : 0;
        limit(lengthOfNames <= MAX_NAMES, "more than " + MAX_NAMES + " characters of different names");
    }

    private static void limit(boolean within, String message) throws IOException {
        if (!within) {
            throw new IOException(message);
        }
    }

    /** Fails beyond a number of bytes, of the document or of a token. */
    private static final class Limited extends InputStream {
        private final InputStream in;
        private long left = MAX_BYTES;
        private long leftOfToken = Long.MAX_VALUE;

        Limited(InputStream in) {
            this.in = in;
        }

        void beginToken() {
            leftOfToken = MAX_TOKEN;
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
            leftOfToken -= bytes;
            limit(left >= 0, "longer than " + MAX_BYTES + " bytes");
            limit(leftOfToken >= 0, "a tag, comment or text longer than " + MAX_TOKEN + " bytes");
        }
    }
}
