package io.cachingproxy.http.syntax;

/**
 * Percent-encoding (RFC 3986 §2.1) and the encoding of forms. Linear; no method throws, and invalid escapes are kept.
 */
public final class PercentEncoding {
    private static final String HEX = "0123456789ABCDEF";

    private PercentEncoding() {}

    /**
     * Decodes a name or value of {@code application/x-www-form-urlencoded}: {@code +} is a space, escapes are UTF-8.
     * Malformed escapes and escapes of invalid UTF-8 are kept.
     */
    public static String decodeForm(String text) {
        return text.indexOf('%') < 0 && text.indexOf('+') < 0 ? text : decode(text, 0, text.length(), true);
    }

    /**
     * Decodes the escapes of a path as UTF-8. {@code %2F} and {@code %25} are kept, so that no character changes its
     * meaning; so are control characters and invalid UTF-8, with digits in upper case (RFC 3986 §6.2.2.1), and digits
     * that would complete an incomplete escape before them: decoding twice gives the same as decoding once.
     */
    public static String decodePath(String text) {
        return decodePath(text, 0, text.length());
    }

    public static String decodePath(String text, int start, int end) {
        int escape = text.indexOf('%', start);
        return escape < 0 || escape >= end ? text.substring(start, end) : decode(text, start, end, false);
    }

    private static String decode(String text, int start, int end, boolean form) {
        StringBuilder decoded = new StringBuilder(end - start);
        int incomplete = -3; // where the last escape without two digits begins in decoded
        int i = start;
        while (i < end) {
            char c = text.charAt(i);
            int first = c == '%' ? octet(text, i, end) : -1;
            if (first < 0) {
                if (c == '%') {
                    incomplete = decoded.length();
                }
                decoded.append(form && c == '+' ? ' ' : c);
                i++;
                continue;
            }
            int octets = length(first);
            int codePoint = codePoint(text, i, end, first, octets);
            if (codePoint >= 0 && (form || (isPlain(codePoint) && !completes(decoded, incomplete, codePoint)))) {
                decoded.appendCodePoint(codePoint);
                i += 3 * octets;
            } else {
                keep(decoded, text, i, first, form);
                i += 3;
            }
        }
        return decoded.toString();
    }

    /** Whether the character and the end of {@code decoded}, from {@code incomplete} on, would be an escape. */
    private static boolean completes(StringBuilder decoded, int incomplete, int codePoint) {
        int digits = decoded.length() - incomplete - 1;
        return (digits == 0 || (digits == 1 && digit(decoded.charAt(incomplete + 1)) >= 0))
                && codePoint < 0x80
                && digit((char) codePoint) >= 0;
    }

    private static boolean isPlain(int codePoint) {
        return codePoint >= ' ' && codePoint != '/' && codePoint != '%' && codePoint != 0x7f;
    }

    private static void keep(StringBuilder decoded, String text, int at, int octet, boolean form) {
        if (form) {
            decoded.append(text, at, at + 3);
        } else {
            decoded.append('%').append(HEX.charAt(octet >> 4)).append(HEX.charAt(octet & 0xf));
        }
    }

    /** The value of the escape at {@code at}; -1 if there is none. */
    private static int octet(String text, int at, int end) {
        if (at + 2 >= end || text.charAt(at) != '%') {
            return -1;
        }
        int high = digit(text.charAt(at + 1));
        int low = digit(text.charAt(at + 2));
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    private static int digit(char c) {
        return c < 128 ? Character.digit(c, 16) : -1;
    }

    /** The number of octets of a character with this first octet (RFC 3629 §3); 0 if the octet is invalid. */
    private static int length(int first) {
        if (first < 0x80) {
            return 1;
        }
        if (first < 0xc2) {
            return 0;
        }
        return first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    }

    /** The character encoded by {@code octets} escapes; -1 if they are not UTF-8. */
    private static int codePoint(String text, int at, int end, int first, int octets) {
        if (octets < 2) {
            return octets == 1 ? first : -1;
        }
        int codePoint = first & (0x7f >> octets);
        for (int i = 1; i < octets; i++) {
            int next = octet(text, at + 3 * i, end);
            if (next < 0 || (next & 0xc0) != 0x80) {
                return -1;
            }
            codePoint = (codePoint << 6) | (next & 0x3f);
        }
        boolean shortest = codePoint >= (octets == 2 ? 0x80 : octets == 3 ? 0x800 : 0x10000);
        boolean scalar = codePoint <= 0x10ffff && (codePoint < 0xd800 || codePoint > 0xdfff);
        return shortest && scalar ? codePoint : -1;
    }
}
