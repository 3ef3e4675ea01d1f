package io.cachingproxy.spring;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * Refuses properties under {@code caching-proxy} that have a misspelled name. Spring Boot's own check also refuses the
 * elements of a list that another source replaces, such as the rules of a profile.
 */
final class KnownProperties {
    private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of("caching-proxy");

    private KnownProperties() {}

    /**
     * Checks the names in all sources but the environment variables, whose names are ambiguous.
     *
     * @throws InvalidConfigurationPropertyValueException if one is unknown
     */
    static void check(Environment environment) {
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            if (source instanceof IterableConfigurationPropertySource names && !isOfVariables(source)) {
                names.stream().filter(ROOT::isAncestorOf).forEach(name -> check(CachingProxyProperties.class, name, 1));
            }
        }
    }

    private static boolean isOfVariables(ConfigurationPropertySource source) {
        return source.getUnderlyingSource() instanceof PropertySource<?> underlying
                && underlying.getName().endsWith(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
    }

    private static void check(Class<?> properties, ConfigurationPropertyName name, int index) {
        String element = name.getElement(index, Form.UNIFORM);
        RecordComponent component = Arrays.stream(properties.getRecordComponents())
                .filter(each -> each.getName().toLowerCase(Locale.ROOT).equals(element))
                .findFirst()
                .orElseThrow(() -> unknown(properties, name, index));
        int next = index + 1;
        boolean isList = List.class.isAssignableFrom(component.getType());
        if (isList && next < name.getNumberOfElements() && name.isNumericIndex(next)) {
            next++;
        }
        Class<?> nested = nested(component);
        if (next < name.getNumberOfElements()) {
            if (nested != null) {
                check(nested, name, next);
            } else if (!isList && !isSeveral(component.getType())) {
                throw unknown(properties, name, next);
            }
        }
    }

    private static boolean isSeveral(Class<?> type) {
        return Map.class.isAssignableFrom(type) || Iterable.class.isAssignableFrom(type);
    }

    /** The record that the elements below a property belong to; null if there is none. */
    private static @Nullable Class<?> nested(RecordComponent component) {
        if (component.getType().isRecord()) {
            return component.getType();
        }
        if (component.getGenericType() instanceof ParameterizedType list) {
            Type element = Objects.requireNonNull(list.getActualTypeArguments()[0]);
            return element instanceof Class<?> type && type.isRecord() ? type : null;
        }
        return null;
    }

    private static InvalidConfigurationPropertyValueException unknown(
            Class<?> properties, ConfigurationPropertyName name, int index) {
        String known = Arrays.stream(properties.getRecordComponents())
                .map(each -> each.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "));
        return new InvalidConfigurationPropertyValueException(
                name.toString(),
                "(not shown)",
                "there is no property " + name.chop(index + 1) + "; known under " + name.chop(index) + " are " + known);
    }
}
