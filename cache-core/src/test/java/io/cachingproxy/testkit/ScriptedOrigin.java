package io.cachingproxy.testkit;

import io.cachingproxy.Exchange;
import io.cachingproxy.Origin;
import io.cachingproxy.OriginException;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.testkit.Messages.Response;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * An {@link Origin} that records each request, and whose responses the test pushes: head, body, completion, failure; or
 * that answers each request at once, with {@link #answers}.
 */
public final class ScriptedOrigin implements Origin {
    private final List<Call> calls = new ArrayList<>();
    private Consumer<Call> script = call -> {};

    @Override
    public void fetch(RequestHead request, Content body, Exchange exchange) {
        Call call = new Call(request, exchange, new AtomicBoolean());
        exchange.onAbort(call::abort);
        calls.add(call);
        script.accept(call);
    }

    /** Answers each further request at once with this response. */
    public ScriptedOrigin answers(Response response, String text) {
        return does(call -> call.answer(response, text));
    }

    /** Does this at once with each further request. */
    public ScriptedOrigin does(Consumer<Call> value) {
        script = value;
        return this;
    }

    /** The number of requests. */
    public int requests() {
        return calls.size();
    }

    public Call last() {
        return calls.get(calls.size() - 1);
    }

    public Call call(int index) {
        return calls.get(index);
    }

    /** One request, and the means to answer it. */
    public record Call(RequestHead request, Exchange exchange, AtomicBoolean aborted) {
        public Call head(Response response) {
            exchange.onHead(response.head());
            return this;
        }

        public Call body(String text) {
            exchange.onBody(Chunk.of(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))), () -> {});
            return this;
        }

        public Call complete() {
            exchange.onComplete(Headers.EMPTY);
            return this;
        }

        public Call fail(OriginException.Kind kind) {
            exchange.onFailure(new OriginException(kind, "the origin cannot be reached", null));
            return this;
        }

        /** The exchange has no reader: it fails, as with the origins that use a network. */
        void abort() {
            aborted.set(true);
            exchange.onFailure(new OriginException(OriginException.Kind.CLIENT, "nobody reads", null));
        }

        /** The whole answer at once. */
        public Call answer(Response response, String text) {
            return head(response).body(text).complete();
        }
    }
}
