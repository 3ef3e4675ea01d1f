import * as api from '../api.js';
import {h, replace} from '../dom.js';
import * as format from '../format.js';
import {badge, failure, link, loading, pageHead, table} from '../ui.js';

const STATES = {
  running: ['Running', 'good'],
  gone: ['Gone', 'bad'],
};

function ago(time) {
  return format.duration(Math.max(0, (Date.now() - Date.parse(time)) / 1000)) + ' ago';
}

export function show(root, view) {
  const list = h('div', {class: 'card flush'}, loading());
  const note = h('p', {class: 'muted small'});

  function draw({nodes}, stats) {
    replace(list, table('Instances that share the cache', [
      {name: 'Name', className: 'url-cell strong', cell: node => [h('span', {class: 'url', title: node.name}, node.name), node.this && h('span', {class: 'label'}, 'this one')]},
      {name: 'State', cell: node => badge(...STATES[node.state] ?? [node.state, 'warn'])},
      {name: 'Version', cell: node => h('code', null, node.version)},
      {name: 'Started', className: 'nowrap', cell: node => [h('time', {datetime: node.started}, format.dateTime(node.started)), h('span', {class: 'muted small block'}, ago(node.started))]},
      {name: 'Last seen', className: 'nowrap', cell: node => h('time', {datetime: node['last-seen'], title: format.dateTime(node['last-seen'])}, ago(node['last-seen']))},
      {name: 'Id', cell: node => h('code', {class: 'muted', title: node.id}, node.id.slice(0, 8))},
    ], nodes));
    replace(note, stats.redis === undefined ? 'Without Redis this instance shares its cache with no other.'
      : stats.redis === 'available' ? ['An instance that has not been seen for 15 s is gone: it has ended, or cannot reach Redis. The state of Redis is in the ', link('overview', '#/overview'), '.']
        : 'Redis is unavailable: the other instances are shown as last known.');
  }

  root.append(pageHead('Nodes', 'The instances that share this cache: those with the same Redis and prefix.'), list, note);
  const load = view.every(5000, async () => {
    try {
      draw(...await Promise.all([api.get('api/nodes', view.signal), api.get('api/stats', view.signal)]));
    } catch (error) {
      if (error.name !== 'AbortError') {
        replace(list, failure(error, () => load()));
        replace(note);
      }
    }
  });
}
