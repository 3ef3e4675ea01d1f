package io.cachingproxy.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BitsTest {
    @Test
    void a_set_of_any_size_has_the_numbers_that_were_set_and_equals_sets_with_the_same() {
        SplittableRandom random = new SplittableRandom(7);
        for (int size = 1; size < 300; size++) {
            Bits bits = new Bits(size);
            Bits same = new Bits(size);
            assertThat(bits.isEmpty()).isTrue();
            Set<Integer> expected = new HashSet<>();
            for (int i = random.nextInt(size); i < size; i += 1 + random.nextInt(40)) {
                bits.set(i);
                assertThat(bits).isNotEqualTo(same);
                same.set(i);
                expected.add(i);
                assertThat(bits).isEqualTo(same).hasSameHashCodeAs(same);
            }
            for (int i = 0; i < size; i++) {
                assertThat(bits.get(i)).as("%d of %d", i, size).isEqualTo(expected.contains(i));
            }
            assertThat(bits.isEmpty()).isFalse();
        }
    }
}
