package io.cachingproxy.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No more connections are taken than the process may have open. */
class OpenFilesTest {
    private static final Limits WANTED = Limits.DEFAULT.withConnections(1000).withOriginRequests(100, 7);

    @ParameterizedTest
    @CsvSource({
        "9223372036854775807, 1000, 100",
        "1264, 1000, 100",
        "1263, 999, 100",
        "564, 300, 100",
        "264, 75, 25",
        "165, 1, 1",
        "10, 1, 1"
    })
    void clients_and_the_origin_share_what_the_process_may_open(long most, int clients, int origin) {
        Limits fitting = new OpenFiles(most, 100).fit(WANTED, 0);
        assertThat(fitting.clients().connections()).isEqualTo(clients);
        assertThat(fitting.origins().requests()).isEqualTo(origin);
        assertThat(fitting.origins().queue()).isEqualTo(7);
    }

    @Test
    void other_listeners_take_their_share_before_clients_and_the_origin() {
        Limits fitting = new OpenFiles(1264, 100).fit(WANTED, 64);
        assertThat(fitting.clients().connections()).isEqualTo(936);
        assertThat(fitting.origins().requests()).isEqualTo(100);
    }

    @Test
    void the_limit_of_this_process_is_known() {
        OpenFiles files = OpenFiles.now();
        assertThat(files.most()).isGreaterThan(files.open());
        assertThat(files.open()).isPositive();
    }
}
