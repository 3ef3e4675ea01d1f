package io.cachingproxy.cli.text;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Ratios with four decimal places, as JSON shows them. */
public final class Ratio {
    private static final int DECIMALS = 4;

    private Ratio() {}

    /** The share of a part; 0 of nothing. */
    public static BigDecimal of(long part, long all) {
        double ratio = all == 0 ? 0 : (double) part / all;
        return BigDecimal.valueOf(ratio).setScale(DECIMALS, RoundingMode.HALF_UP);
    }
}
