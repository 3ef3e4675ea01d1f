package example;

import java.util.concurrent.ConcurrentHashMap;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.session.MapSessionRepository;
import org.springframework.session.config.annotation.web.http.EnableSpringHttpSession;

/** Sessions of Spring Session in place of the container's. */
@Configuration
@ConditionalOnProperty("example.spring-session")
@EnableSpringHttpSession
class Sessions {
    @Bean
    MapSessionRepository repository() {
        return new MapSessionRepository(new ConcurrentHashMap<>());
    }
}
