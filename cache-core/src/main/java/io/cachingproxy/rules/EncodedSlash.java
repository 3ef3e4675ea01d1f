package io.cachingproxy.rules;

import io.cachingproxy.http.Target;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The other reading of a path with encoded slashes or backslashes, which some origins decode. */
final class EncodedSlash {
    private static final Pattern PERCENT = Pattern.compile("%25", Pattern.LITERAL);
    private static final Pattern SLASH = Pattern.compile("%2f|%5c|\\\\", Pattern.CASE_INSENSITIVE);

    private EncodedSlash() {}

    /** The target as an origin reads it that decodes slashes, also where they are encoded twice; null if it has none. */
    static @Nullable Target decoded(Target target) {
        String pathAndQuery = target.pathAndQuery();
        if (pathAndQuery.indexOf('%') < 0 && pathAndQuery.indexOf('\\') < 0) {
            return null;
        }
        int length = target.pathLength();
        String path = pathAndQuery.substring(0, length);
        String decoded = SLASH.matcher(PERCENT.matcher(path).replaceAll("%")).replaceAll("/");
        return decoded.equals(path)
                ? null
                : new Target(target.scheme(), target.authority(), decoded + pathAndQuery.substring(length));
    }
}
