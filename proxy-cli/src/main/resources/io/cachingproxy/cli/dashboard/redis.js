// The section Redis of the overview: connection, delay of changes, and operations.

import {h, replace} from './dom.js';
import * as format from './format.js';
import {badge, card, facts, table} from './ui.js';

const BREAKERS = {
  closed: ['Closed', 'good'],
  'half-open': ['Half-open', 'warn'],
  open: ['Open', 'bad'],
};

/** Percentiles of times in milliseconds. */
function times(it) {
  return it.count === 0 ? 'none yet'
    : [format.ms(it.p50), ' median, ', format.ms(it.p99), ' p99', h('span', {class: 'muted'}, ' · ' + format.count(it.count))];
}

function breakers(servers) {
  return h('ul', {class: 'lines'}, servers.map(server => h('li', null,
    servers.length > 1 && [h('code', null, server.name), ' '],
    badge(...BREAKERS[server.breaker] ?? [server.breaker, 'warn']),
    server.reason && h('span', {class: 'muted small'}, ' ' + server.reason))));
}

/** Shows the section, or nothing without Redis. */
export function drawRedis(root, stats) {
  const it = stats['redis-details'];
  if (it === undefined) {
    replace(root);
    return;
  }
  const pending = it['pending-purges'] + it['pending-invalidations'];
  replace(root, h('div', {class: 'columns'},
    card('Redis operations', {description: 'Since the start. Hits on near copies need none'}, table('Operations in Redis', [
      {name: 'Operation', cell: row => h('code', null, row.name)},
      {name: 'Count', number: true, cell: row => format.count(row.count)},
      {name: 'Median', number: true, cell: row => format.ms(row.p50)},
      {name: 'p99', number: true, cell: row => format.ms(row.p99)},
      {name: 'Timeouts', number: true, cell: row => format.count(row.timeouts)},
      {name: 'Failed', number: true, cell: row => format.count(row.failed)},
    ], it.operations)),
    card('Redis', {description: 'Now'}, facts([
      ['Circuit breaker', breakers(it.servers)],
      ['Opened', [format.exact(it['breaker-opened']), ' times, ', format.count(it['breaker-rejected']), ' operations not sent']],
      ['Near copies', it['near-trusted'] ? badge('Served without asking Redis', 'good') : badge('Redis is asked first', 'warn')],
      ['Lag of changes', times(it['invalidation-lag'])],
      ['Lag of heartbeats', times(it['heartbeat-lag'])],
      ['Last message', it['channel-silence'] === undefined ? badge('Channel interrupted', 'bad') : format.ms(it['channel-silence']) + ' ago'],
      ['Not acknowledged', pending === 0 ? 'nothing'
        : badge(format.plural(it['pending-purges'], 'purge') + ', ' + format.plural(it['pending-invalidations'], 'invalidation'), 'warn')],
      ['Waiting to be written', format.bytes(it['backlog-bytes'])],
      it.full && ['Memory of Redis', badge('Full: new responses are not shared', 'bad')],
    ]))));
}
