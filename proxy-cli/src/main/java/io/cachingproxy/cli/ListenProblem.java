package io.cachingproxy.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Locale;

/** Error messages for addresses that the proxy cannot listen on, with the option to change. */
final class ListenProblem {
    static final Options PROXY = new Options("--host", "--port");
    static final Options ADMIN = new Options("--admin-host", "--admin-port");

    private ListenProblem() {}

    /** The options that set the address. */
    record Options(String host, String port) {}

    /** The problem and its remedy, in one sentence. */
    static String of(IOException failure, String host, Options options) {
        if (isUnknown(failure, host)) {
            return "the name '" + host + "' is unknown (DNS); choose another " + options.host();
        }
        String reason = Failure.reason(failure);
        String said = reason.toLowerCase(Locale.ROOT);
        if (said.contains("cannot assign requested address")) {
            return reason + ": it is not an address of this machine; choose another " + options.host();
        }
        if (said.contains("permission denied")) {
            return reason + "; choose a " + options.port() + " of 1024 or above, or allow lower ones to this process";
        }
        String instead = options.equals(ADMIN) ? ", or --no-admin" : " or " + options.host();
        return reason + "; choose another " + options.port() + instead;
    }

    private static boolean isUnknown(IOException failure, String host) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof UnresolvedAddressException) {
                return true;
            }
        }
        return failure instanceof SocketException && new InetSocketAddress(host, 0).isUnresolved();
    }
}
