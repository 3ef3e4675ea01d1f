package io.cachingproxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** What an application gets that depends on a module: everything in scope compile or runtime that is not optional. */
class DependenciesTest {
    @Test
    void an_application_with_proxy_jetty_gets_the_core_and_neither_Jetty_nor_Spring() throws Exception {
        assertThat(transitive(Path.of("pom.xml"))).containsExactlyInAnyOrder("io.cachingproxy:cache-core");
    }

    @Test
    void an_application_with_cache_core_gets_no_Redis_client_and_no_metrics() throws Exception {
        assertThat(transitive(Path.of("..", "cache-core", "pom.xml")))
                .containsExactlyInAnyOrder(
                        "com.github.ben-manes.caffeine:caffeine",
                        "org.greenbytes.http:structured-fields",
                        "org.slf4j:slf4j-api",
                        "com.google.re2j:re2j");
    }

    @Test
    void all_modules_bring_the_nullness_annotations_and_nothing_else() throws Exception {
        assertThat(transitive(Path.of("..", "pom.xml"))).containsExactlyInAnyOrder("org.jspecify:jspecify");
    }

    private static List<String> transitive(Path pom) throws Exception {
        Document document =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(pom.toFile());
        List<String> found = new ArrayList<>();
        for (Element dependency : children(child(document.getDocumentElement(), "dependencies"))) {
            String scope = text(dependency, "scope", "compile");
            boolean optional = Boolean.parseBoolean(text(dependency, "optional", "false"));
            if (!optional && Set.of("compile", "runtime").contains(scope)) {
                found.add(text(dependency, "groupId", "") + ":" + text(dependency, "artifactId", ""));
            }
        }
        return found;
    }

    private static Element child(Element parent, String name) {
        return children(parent).stream()
                .filter(each -> each.getTagName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static String text(Element parent, String name, String otherwise) {
        return children(parent).stream()
                .filter(each -> each.getTagName().equals(name))
                .map(Node::getTextContent)
                .findFirst()
                .orElse(otherwise);
    }

    private static List<Element> children(Element parent) {
        List<Element> found = new ArrayList<>();
        NodeList nodes = parent.getChildNodes();
        for (int i = 0; i < nodes.getLength(); i++) {
            if (nodes.item(i) instanceof Element element) {
                found.add(element);
            }
        }
        return found;
    }
}
