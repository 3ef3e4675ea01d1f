package io.cachingproxy.cli.preview;

import java.util.List;
import java.util.stream.Collectors;

/** What may prevent a wrong response, in one sentence. */
final class Hint {
    private static final int MOST = 3;

    private Hint() {}

    /**
     * @param differing the names of the differing fields, {@link RequestFields}
     * @param setsCookie whether the response of the origin has Set-Cookie
     */
    static String of(List<String> differing, boolean setsCookie) {
        List<String> cookies = differing.stream()
                .filter(name -> name.startsWith(RequestFields.COOKIE))
                .map(name -> name.substring(RequestFields.COOKIE.length()))
                .limit(MOST)
                .toList();
        if (!cookies.isEmpty()) {
            return depends("cookie", "cookies", cookies);
        }
        List<String> headers = differing.stream()
                .filter(name -> !name.startsWith(RequestFields.COOKIE))
                .limit(MOST)
                .toList();
        if (!headers.isEmpty()) {
            return depends("header", "headers", headers);
        }
        return setsCookie
                ? "the response sets a cookie: set bypass, if it is a response for one client"
                : "no field of the request differs, the response changes by itself: set a shorter ttl, or purge it when it"
                        + " changes";
    }

    private static String depends(String kind, String setting, List<String> names) {
        String some = names.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", "));
        return kind + " " + some + (names.size() == 1 ? " differs" : " differ")
                + ": if the response depends on it, set key: {" + setting + ": [...]}, or bypass";
    }
}
