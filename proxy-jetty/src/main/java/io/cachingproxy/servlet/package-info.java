/**
 * The cache as a servlet filter for any container (Servlet 6.0; without dependencies on Jetty). Read {@link
 * io.cachingproxy.servlet.CachingFilter} first.
 *
 * <pre>
 *   fetch mode, in front of a FetchingServlet        chain mode, in front of any other
 *
 *   request ─▶ RequestHeads ─▶ HttpCache.serve       request ─▶ RequestHeads ─▶ HttpCache.open
 *                                   │                            │ Answered        │ Forward
 *                              Answer                          Answer       chain.doFilter with
 *                                   ▼                            ▼          ChainRequest, RecordingResponse ─▶ Exchange
 *                              AnswerWriter                  AnswerWriter
 * </pre>
 */
@NullMarked
package io.cachingproxy.servlet;

import org.jspecify.annotations.NullMarked;
