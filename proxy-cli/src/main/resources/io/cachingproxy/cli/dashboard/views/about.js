import * as api from '../api.js';
import {h, replace} from '../dom.js';
import * as format from '../format.js';
import {badge, card, facts, failure, link, loading, pageHead, button} from '../ui.js';

const RESOURCES = [
  ['GET /api/stats', 'counts since the start'], ['GET /api/history', 'six hours in steps of ten seconds'], ['GET /api/top', 'URLs with the most hits, bytes and misses'],
  ['GET /api/requests', 'recent requests, and a stream of them'], ['GET /api/entries', 'stored responses'], ['POST /api/purge', 'purges'],
  ['POST /api/explain', 'explains a request'], ['GET /api/origins', 'origins and their servers'], ['GET /api/nodes', 'instances that share the cache'], ['GET /api/config', 'the configuration in use'],
  ['GET /api/key-advice', 'rules for the cache key, from the bodies of recent responses'],
  ['GET /api/shadow', 'what the cache would have done at shadow sites'],
  ['GET /metrics', 'metrics for Prometheus'], ['GET /health/ready', 'readiness'],
];

export function show(root, view) {
  const instance = h('div', null, loading());
  const cluster = h('div', null, loading());
  const load = view.every(5000, async () => {
    try {
      const stats = await api.get('api/stats', view.signal);
      replace(instance, facts([
        ['Version', stats.version],
        ['Started', [format.dateTime(Date.now() - stats.uptime * 1000), h('span', {class: 'muted'}, ' · ' + format.duration(stats.uptime) + ' ago')]],
        ['Address', location.host],
        ['Heap', format.bytes(stats.memory?.['heap-used']) + ' of ' + format.bytes(stats.memory?.['heap-max'])],
        stats.memory?.['direct-used'] !== undefined && ['Direct buffers', format.bytes(stats.memory['direct-used'])],
        ['Client connections', format.exact(stats.connections)],
      ]));
      replace(cluster, stats.redis === undefined
        ? facts([['Store', 'In the memory of this instance'], ['Other instances', 'None share this cache: there is no Redis']])
        : facts([['Store', 'Redis, with near copies in the memory of this instance'],
          ['Redis', badge(stats.redis === 'available' ? 'Available' : 'Unavailable', stats.redis === 'available' ? 'good' : 'bad')],
          ['Other instances', ['Those with the same Redis and prefix share this cache; purges reach all of them. See the ', link('nodes', '#/nodes'), '.']]]));
    } catch (error) {
      if (error.name !== 'AbortError') {
        replace(instance, failure(error, () => load()));
        replace(cluster);
      }
    }
  });
  root.append(pageHead('About', 'This instance, and those that share its cache.'),
    h('div', {class: 'columns even'}, card('Instance', null, instance), card('Nodes', null, cluster)),
    card('API', {description: 'The resources of this listener. The dashboard uses no others.'},
      h('ul', {class: 'resources'}, RESOURCES.map(([name, meaning]) => h('li', null, h('code', null, name), h('span', {class: 'muted'}, meaning))))),
    ...api.hasToken() ? [card('Session', null, h('p', {class: 'muted'}, 'The token is kept in this tab until the tab is closed.'),
      h('div', {class: 'actions'}, button('Sign out', () => {
        api.useToken(null);
        location.reload();
      })))] : []);
}
