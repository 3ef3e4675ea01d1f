/** The admin listener: its API by resource, and who may use it. Read {@link io.cachingproxy.cli.admin.AdminRoutes} first. */
@NullMarked
package io.cachingproxy.cli.admin;

import org.jspecify.annotations.NullMarked;
