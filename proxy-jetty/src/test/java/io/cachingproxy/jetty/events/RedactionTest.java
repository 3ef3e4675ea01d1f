package io.cachingproxy.jetty.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which parameters of queries and paths are redacted. */
class RedactionTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /a                                  | /a
            /a?b=c                              | /a?b=c
            /a?access_token=x&b=c               | /a?access_token=***&b=c
            /a?b&TOKEN=x=y                      | /a?b&TOKEN=***
            /a?X-Amz-Signature=0f&sig=1&code=2  | /a?X-Amz-Signature=***&sig=***&code=***
            /a?postcode=1&signal=2              | /a?postcode=1&signal=2
            /token=a/b?=c&&d=                   | /token=a/b?=c&&d=
            /?auth=1&jwt=2&key=3&apikey=4       | /?auth=***&jwt=***&key=***&apikey=***
            /?api_key=1&session=2&sessionid=3   | /?api_key=***&session=***&sessionid=***
            /?X-Amz-Credential=1&JSESSIONID=2   | /?X-Amz-Credential=***&JSESSIONID=***
            /?X-Amz-Security-Token=1&author=2   | /?X-Amz-Security-Token=***&author=2
            /?keyword=1&monkey=2                | /?keyword=1&monkey=2
            """)
    void values_of_parameters_with_secret_names_are_replaced(String path, String expected) {
        assertThat(new Redaction(Redaction.DEFAULT).redacted(path)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /?t%6Fken=x                     | /?t%6Fken=***
            /?%74oken=x&a=b                 | /?%74oken=***&a=b
            /?+sig=x                        | /?+sig=***
            /?access%5Ftoken=x              | /?access%5Ftoken=***
            /?redirect=%2F%3Ftoken%3Dx&a=b  | /?redirect=***&a=b
            /?redirect=/?token=x            | /?redirect=***
            /?x=1%26token=abc               | /?x=***
            /?x=1;token=abc                 | /?x=***
            /?x=token%3Dabc                 | /?x=***
            /?a=%252F%253Ftoken%253Dx       | /?a=***
            /?a=%2525252525252525           | /?a=***
            /?%2F%3Ftoken%3Dx               | /?***
            /?key[]=x&key[0]=y&a[b]=c       | /?key[]=***&key[0]=***&a[b]=c
            /?user[KEY]=x&auth%5B%5D=y      | /?user[KEY]=***&auth%5B%5D=***
            /?a=%2Fb%23token%3Dx            | /?a=***
            /?a%26token%3Dx=b               | /?***
            /?next=http://u:pw@a.example/   | /?next=***
            /?next=http%3A%2F%2Fu:pw%40a.b/ | /?next=***
            /a?b=c#access_token=x&d=e       | /a?b=c#access_token=***&d=e
            /?a=%2F%3Fb%3Dc&d=e+f&g=@h      | /?a=%2F%3Fb%3Dc&d=e+f&g=@h
            /?a=%zz&b=%E2%82&c=YQ==         | /?a=%zz&b=%E2%82&c=YQ==
            """)
    void names_are_compared_as_an_origin_decodes_them_and_values_with_such_names_are_replaced(
            String path, String expected) {
        assertThat(new Redaction(Redaction.DEFAULT).redacted(path)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            http://user:password@a.example/?token=x  | http://***@a.example/?token=***
            http://user@a.example                    | http://***@a.example
            http://a.example/@user?b=@c              | http://a.example/@user?b=@c
            /fetch/http://user:password@a.example/   | /fetch/http://***@a.example/
            /fetch/http%3A%2F%2Fuser:pw%40a.example/ | /fetch/***/
            /fetch/http%3A%2F%2Fa.example%2F@user    | /fetch/http%3A%2F%2Fa.example%2F@user
            http:\\\\user:password@a.example         | http:\\\\***@a.example
            """)
    void users_and_passwords_are_replaced(String url, String expected) {
        assertThat(new Redaction(Redaction.DEFAULT).redacted(url)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /cart;jsessionid=0a1b                  | /cart;jsessionid=***
            /cart;JSESSIONID=0a1b?a=b              | /cart;JSESSIONID=***?a=b
            /a;token=x;v=1/b;v=2;sig=y/c           | /a;token=***;v=1/b;v=2;sig=***/c
            /a;v=1;t%6Fken=x                       | /a;v=1;t%6Fken=***
            /a;;b=/;                               | /a;;b=/;
            /a;x=1%3Btoken=y/b                     | /a;x=***/b
            /a%3Bjsessionid=0a1b/b                 | /***/b
            /a%3Bjsessionid%3D0a1b                 | /***
            /a%253Bjsessionid%253D0a1b             | /***
            /a/b%23token=x/c                       | /a/***/c
            /proxy/http%3A%2F%2Fb%2F%3Ftoken%3Dx/c | /proxy/***/c
            /a&token=x/b                           | /***/b
            /caf%C3%A9;v=%20/50%25;w=%zz           | /caf%C3%A9;v=%20/50%25;w=%zz
            /token=a;b                             | /token=a;b
            http://u:p@a.example/b;sid=1;key=2     | http://***@a.example/b;sid=1;key=***
            """)
    void parameters_in_paths_are_replaced_by_the_same_names(String path, String expected) {
        assertThat(new Redaction(Redaction.DEFAULT).redacted(path)).isEqualTo(expected);
    }

    @Test
    void the_time_is_linear_in_the_length_of_the_url() {
        Redaction redaction = new Redaction(Redaction.DEFAULT);
        for (String part : List.of("=", "&", "?", "#", "%25", "//", "@", "//a", "toke", "+", ";a=")) {
            String url = "/?a=" + part.repeat(1_000_000);
            assertTimeout(Duration.ofSeconds(20), () -> redaction.redacted(url), part);
            assertTimeout(Duration.ofSeconds(20), () -> redaction.redacted(url.replace("?", "")), part);
        }
    }

    @Test
    void names_are_matched_as_text_apart_from_the_asterisk() {
        Redaction redaction = new Redaction(List.of("a.b", "x*", "\\E[c"));
        assertThat(redaction.redacted("/?a.b=1&aab=2&xyz=3&\\E[c=4&c=5"))
                .isEqualTo("/?a.b=***&aab=2&xyz=***&\\E[c=***&c=5");
    }

    @Test
    void without_names_nothing_is_replaced() {
        assertThat(new Redaction(List.of()).redacted("/a;sig=z?token=x&=y")).isEqualTo("/a;sig=z?token=x&=y");
    }
}
