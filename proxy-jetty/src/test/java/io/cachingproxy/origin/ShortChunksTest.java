package io.cachingproxy.origin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachingproxy.origin.ResponseReader.Step;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Chunks that are received together are read together, if they are short. */
class ShortChunksTest {
    private static final String HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    private static ResponseReader reader() {
        return new ResponseReader(false, 8 << 10, 100);
    }

    /** The content of each step, of a response that is received in pieces of this length. */
    private static List<String> read(String response, int length) throws ProtocolException {
        ResponseReader reader = reader();
        List<String> contents = new ArrayList<>();
        byte[] bytes = response.getBytes(ISO_8859_1);
        for (int from = 0; from < bytes.length; from += length) {
            int to = Math.min(bytes.length, from + length);
            ByteBuffer received = ByteBuffer.wrap(java.util.Arrays.copyOfRange(bytes, from, to));
            List<ByteBuffer> lent = new ArrayList<>();
            Step step = reader.next(received);
            while (step != Step.MORE && step != Step.END) {
                if (step == Step.CONTENT) {
                    lent.add(reader.content());
                }
                step = reader.next(received);
            }
            lent.forEach(one -> contents.add(ISO_8859_1.decode(one).toString())); // as a slow client reads it
        }
        assertThat(reader.next(ByteBuffer.allocate(0))).isEqualTo(Step.END);
        return contents;
    }

    @Test
    void a_read_from_the_socket_is_one_push_however_many_chunks_it_has() throws Exception {
        String response = HEAD + "1\r\nb\r\n".repeat(50_000) + "0\r\n\r\n";
        int reads = (response.length() + (16 << 10) - 1) / (16 << 10);
        List<String> contents = read(response, 16 << 10);
        assertThat(contents).hasSizeLessThanOrEqualTo(reads);
        assertThat(String.join("", contents)).isEqualTo("b".repeat(50_000));
    }

    @Test
    void content_is_the_same_in_whatever_chunks_and_pieces_it_comes() throws Exception {
        Random random = new Random(7);
        for (int i = 0; i < 500; i++) {
            StringBuilder content = new StringBuilder();
            StringBuilder response = new StringBuilder(HEAD);
            for (int chunks = random.nextInt(40); chunks >= 0; chunks--) {
                int length = 1 + random.nextInt(random.nextInt(8) == 0 ? 3000 : 20);
                String chunk = String.valueOf((char) ('a' + random.nextInt(26))).repeat(length);
                content.append(chunk);
                response.append(Integer.toHexString(length))
                        .append(random.nextInt(4) == 0 ? ";a=\"b\"" : "")
                        .append("\r\n")
                        .append(chunk)
                        .append("\r\n");
            }
            response.append("0\r\nSum: 1\r\n\r\n");
            int piece = 1 + random.nextInt(random.nextBoolean() ? 20 : 5000);
            assertThat(String.join("", read(response.toString(), piece))).isEqualTo(content.toString());
        }
    }

    @Test
    void content_before_a_malformed_chunk_is_read() throws Exception {
        ResponseReader reader = reader();
        ByteBuffer received = ByteBuffer.wrap((HEAD + "1\r\na\r\n1\r\nb\r\nzz\r\n").getBytes(ISO_8859_1));
        assertThat(reader.next(received)).isEqualTo(Step.HEAD);
        assertThat(reader.next(received)).isEqualTo(Step.CONTENT);
        assertThat(ISO_8859_1.decode(reader.content()).toString()).isEqualTo("ab");
        assertThatThrownBy(() -> reader.next(received)).isInstanceOf(ProtocolException.class);
    }
}
