package io.cachingproxy.rules;

/**
 * A thread that works with rules for somebody who may stop waiting, such as the preview of a configuration: rules
 * throw IllegalStateException once it is interrupted. An interrupt of any other thread has no effect on rules.
 */
public interface Abandonable {}
