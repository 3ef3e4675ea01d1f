package io.cachingproxy.cli.warm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
    @Test
    void the_bar_has_the_share_the_failures_the_rate_and_the_time_left() {
        assertThat(ProgressBar.line(50, 100, 2, Duration.ofSeconds(5)))
                .isEqualTo("[############------------] 50 of 100, 50 %, 2 failed, 10.0/s, 5 s left");
        assertThat(ProgressBar.line(0, 3, 0, Duration.ZERO)).isEqualTo("[------------------------] 0 of 3, 0 %, 0.0/s");
        assertThat(ProgressBar.line(0, 0, 0, Duration.ZERO)).startsWith("[########################] 0 of 0, 100 %");
    }

    @Test
    void the_bar_is_drawn_at_most_ten_times_a_second() {
        StringWriter terminal = new StringWriter();
        ProgressBar bar = new ProgressBar(new PrintWriter(terminal), 0);
        Tally tally = new Tally();
        for (long millis : new long[] {0, 99, 100, 150, 200}) {
            bar.draw(tally, millis * 1_000_000);
        }
        assertThat(terminal.toString().chars().filter(c -> c == '\r').count()).isEqualTo(3);
    }
}
