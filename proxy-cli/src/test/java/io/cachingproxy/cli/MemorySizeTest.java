package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachingproxy.cli.config.ByteSize;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MemorySizeTest {
    private static final long HEAP = 300_000_000;

    @Test
    void what_fits_into_a_third_of_the_heap_is_taken_as_given() {
        assertThat(MemorySize.of(Optional.of(ByteSize.megabytes(100)), HEAP))
                .isEqualTo(new MemorySize(ByteSize.megabytes(100), Optional.empty()));
    }

    @Test
    void what_does_not_fit_is_reduced_and_said() {
        MemorySize size = MemorySize.of(Optional.of(new ByteSize(100_000_001)), HEAP);
        assertThat(size.bytes()).isEqualTo(ByteSize.megabytes(100));
        assertThat(size.warning().orElseThrow())
                .contains("more than a third of the heap of 300 MB", "100 MB are used", "-Xmx");
    }

    @Test
    void the_default_is_reduced_and_not_said() {
        assertThat(MemorySize.of(Optional.empty(), HEAP))
                .isEqualTo(new MemorySize(ByteSize.megabytes(100), Optional.empty()));
        assertThat(MemorySize.of(Optional.empty(), 3_000_000_000L).bytes()).isEqualTo(ByteSize.megabytes(256));
    }

    @Test
    void what_can_hold_nothing_is_refused_with_the_unit_that_was_meant() {
        assertThatThrownBy(() -> MemorySize.of(Optional.of(new ByteSize(256)), HEAP))
                .hasMessage("256 B is less than 1 MB, the least that is of use; did you mean 256MB?");
        assertThatThrownBy(() -> MemorySize.of(Optional.of(new ByteSize(999_999)), HEAP))
                .hasMessage("999 kB is less than 1 MB, the least that is of use");
        assertThat(MemorySize.of(Optional.of(ByteSize.megabytes(1)), HEAP).bytes())
                .isEqualTo(ByteSize.megabytes(1));
    }

    @Test
    void bodies_larger_than_the_memory_are_warned_of_if_they_were_asked_for() {
        assertThat(warnings("--memory", "5MB")).isEmpty();
        assertThat(warnings("--memory", "5MB", "--max-object-size", "5MB")).isEmpty();
        assertThat(warnings("--memory", "5MB", "--max-object-size", "6MB"))
                .containsExactly(
                        "--max-object-size: 6 MB is more than the memory of 5 MB, which is the limit for bodies in memory");
    }

    @Test
    void more_memory_than_the_heap_has_is_a_warning_before_it_serves() {
        assertThat(warnings("--memory", "999TB"))
                .singleElement()
                .asString()
                .startsWith("--memory: 999 TB is more than a third of the heap of ");
    }

    private static List<String> warnings(String... args) {
        String[] all = new String[args.length + 2];
        System.arraycopy(args, 0, all, 2, args.length);
        all[0] = "--origin";
        all[1] = "http://a.org";
        return CommandLineRun.warnings(Map.of(), all);
    }
}
