package io.cachingproxy.cli.preview;

import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import java.net.InetAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A request and what the origin says to it.
 *
 * @param time when it was answered
 * @param response as the origin sends it
 * @param bytes of content that the client received
 */
record Recorded(Instant time, RequestHead request, @Nullable InetAddress client, ResponseHead response, long bytes) {}
