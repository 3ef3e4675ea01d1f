/** The example of the README, as it is there. */
package io.cachingproxy.jetty.example;
