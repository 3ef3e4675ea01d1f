package io.cachingproxy.cli.warm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class UrlListTest {
    @Test
    void a_list_has_a_number_of_urls_at_most() {
        UrlList list = new UrlList(2, 1 << 20);
        list.add("http://a.example/1");
        list.add("http://a.example/2");
        assertThatCode(() -> list.add("http://a.example/1")).doesNotThrowAnyException();
        assertThatThrownBy(() -> list.add("http://a.example/3"))
                .isInstanceOf(UrlList.Full.class)
                .hasMessage("more than 2 URLs");
        assertThat(list.urls()).hasSize(2);
        assertThat(UrlList.MOST).isEqualTo(1_000_000);
    }

    @Test
    void a_list_takes_half_of_the_heap_at_most() {
        UrlList list = new UrlList(UrlList.MOST, 10_000);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 3; i++) {
                        list.add("http://a.example/" + i + "a".repeat(5_000));
                    }
                })
                .isInstanceOf(UrlList.Full.class)
                .hasMessageStartingWith("more URLs than fit in half of the heap");
        assertThat(list.urls()).hasSize(1);
    }
}
