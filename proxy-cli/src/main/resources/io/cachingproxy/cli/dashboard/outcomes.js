// The results of requests, in the order in which they are drawn, and what reasons mean.

export const OUTCOMES = [
  {id: 'hit', name: 'Hit', meaning: 'answered by a fresh stored response'},
  {id: 'stale', name: 'Stale', meaning: 'answered by a stale stored response'},
  {id: 'revalidated', name: 'Revalidated', meaning: 'the origin confirmed the stored response'},
  {id: 'collapsed', name: 'Collapsed', meaning: 'coalesced onto the fetch of another request'},
  {id: 'miss', name: 'Miss', meaning: 'forwarded; the response may be stored'},
  {id: 'bypass', name: 'Bypass', meaning: 'forwarded past the store'},
  {id: 'generated', name: 'Generated', meaning: 'answered by the cache itself'},
];

const BY_ID = new Map(OUTCOMES.map(outcome => [outcome.id, outcome]));

export function outcomeName(id) {
  return BY_ID.get(id)?.name ?? (id === 'none' ? 'None' : String(id));
}

export function isOutcome(id) {
  return BY_ID.has(id);
}

export function total(counts) {
  return OUTCOMES.reduce((sum, {id}) => sum + (counts?.[id] ?? 0), 0);
}

/** The share of requests, or bytes, whose body came from the store; without the answers of the cache itself. */
export function hitRatio(counts) {
  const all = total(counts) - (counts?.generated ?? 0);
  return all === 0 ? undefined : ((counts.hit ?? 0) + (counts.stale ?? 0) + (counts.revalidated ?? 0)) / all;
}

/** The share of requests that no origin received. */
export function offload(counts) {
  const all = total(counts);
  return all === 0 ? undefined : 1 - ((counts.miss ?? 0) + (counts.bypass ?? 0) + (counts.revalidated ?? 0)) / all;
}

/** By the detail token of Cache-Status. */
export const REASONS = {
  'fresh': 'A fresh stored response answers',
  'revalidated': 'The origin confirmed the stored response',
  'stale-while-revalidate': 'A stale response is served while it is validated in the background',
  'stale-if-error': 'A stale response is served in place of an error of the origin',
  'stale-origin-unreachable': 'A stale response is served, because the origin cannot be reached',
  'request-max-stale': 'The client accepts a stale response',
  'uri-miss': 'No response is stored for this URL',
  'vary-miss': 'No stored variant matches the request headers that Vary names',
  'stale': 'The stored response has to be validated',
  'partial': 'Only another part is stored',
  'response-no-cache': 'no-cache of the response requires validation of each use',
  'request-no-cache': 'no-cache of the request requires validation',
  'request-max-age': 'The stored response is older than the client accepts',
  'request-min-fresh': 'The stored response does not stay fresh for as long as the client requires',
  'method': 'The method is not answered from a cache',
  'request-body': 'A GET or HEAD with content',
  'precondition': 'If-Match and If-Unmodified-Since are evaluated by the origin',
  'bypass': 'The request is forwarded past the store',
  'rule': 'A rule sets bypass, or store: false',
  'shadow': 'The site is a shadow: all requests are forwarded, and nothing is stored',
  'refused': 'The request is not forwarded',
  'loop': 'The request already passed this instance',
  'misdirected': 'No site has the host of the request',
  'answered-by-rule': 'A rule redirects, or responds',
  'only-if-cached': 'The client forbids forwarding, and no stored response matches',
  'stored': 'The response is stored',
  'method-not-stored': 'Responses to this method are not stored',
  'status-not-understood': 'must-understand, and the cache does not understand the status',
  'status-not-stored': 'Responses with this status are not stored',
  'request-no-store': 'no-store of the request',
  'response-no-store': 'no-store of the response',
  'response-private': 'private of the response',
  'authorization': 'The request has Authorization, and the response does not permit sharing',
  'set-cookie': 'The response sets a cookie',
  'credentials': 'The request has Authorization or Cookie, and the response has no explicit freshness',
  'vary-star': 'Vary: *, or a malformed Vary',
  'no-freshness': 'The response has no explicit freshness, and needs it',
  'no-reuse': 'The response is stale at once, and has no validator',
  'superseded': 'A HEAD response shows that the stored response is out of date',
  'stored-is-better': 'An error does not replace a stored response',
  'partial-not-stored': 'An unrequested or inconsistent partial response',
  'too-large': 'The response is longer than what is stored at most',
  'origin-failed': 'The origin cannot be reached, or the response is truncated',
  'origin-timeout': 'The origin did not answer in time',
};

export function reasonMeaning(token) {
  return REASONS[token] ?? '';
}
