import * as api from '../api.js';
import {h, replace} from '../dom.js';
import * as format from '../format.js';
import {badge, button, card, emptyState, failure, loading, pageHead, table, toast, url} from '../ui.js';

const STATES = {
  available: ['Available', 'good'],
  draining: ['Draining', 'warn'],
  down: ['Down', 'bad'],
  ejected: ['Ejected', 'bad'],
};

const MEANINGS = {
  draining: 'receives no new requests',
  down: 'its checks fail',
  ejected: 'its responses failed; it returns after a while',
};

/** The last checks, the newest at the right. */
function checks(server) {
  const list = server.checks ?? [];
  if (list.length === 0) {
    return h('span', {class: 'muted'}, '–');
  }
  const passed = list.filter(check => check.passed).length;
  return h('span', {class: 'checks', role: 'img', 'aria-label': passed + ' of the last ' + list.length + ' checks passed'},
    list.map(check => h('span', {class: check.passed ? 'tick good' : 'tick bad', title: format.clock(check.time) + ' ' + (check.passed ? 'passed' : check.reason ?? 'failed')})));
}

export function show(root, view) {
  const list = h('div', {class: 'stack'}, loading());
  let before = '';

  async function change(origin, index, action) {
    try {
      await api.post('api/origins/' + encodeURIComponent(origin) + '/servers/' + index + '/' + action);
      toast(action === 'drain' ? 'The server gets no new requests' : 'The server gets requests again');
    } catch (error) {
      toast(error.message, 'error');
    }
    load();
  }

  function origin(it) {
    const servers = it.servers.map((server, index) => ({...server, index}));
    const up = servers.filter(server => server.state === 'available').length;
    const checked = servers.some(server => server.checks?.length);
    return card(it.name, {
      description: up + ' of ' + format.plural(servers.length, 'server') + ' available',
      actions: badge(up === servers.length ? 'Healthy' : up > 0 ? 'Degraded' : 'Unavailable', up === servers.length ? 'good' : up > 0 ? 'warn' : 'bad'),
    }, table('Servers of ' + it.name, [
      {name: 'Server', className: 'url-cell', cell: server => [url(server.url), server.backup && h('span', {class: 'label'}, 'backup')]},
      {name: 'State', cell: server => [badge(...STATES[server.state] ?? [server.state, 'warn']), MEANINGS[server.state] && h('span', {class: 'muted small block'}, MEANINGS[server.state])]},
      checked && {name: 'Last checks', cell: checks},
      {name: 'In progress', number: true, cell: server => format.exact(server.requests)},
      {name: 'Actions', hideName: true, className: 'row-actions', cell: server => server.state === 'draining'
        ? button('Ready', () => change(it.name, server.index, 'ready'), {small: true, kind: 'primary', key: it.name + server.index})
        : button('Drain', () => change(it.name, server.index, 'drain'), {small: true, key: it.name + server.index})},
    ].filter(Boolean), servers));
  }

  async function load() {
    try {
      const origins = await api.get('api/origins', view.signal);
      const now = JSON.stringify(origins);
      if (now !== before) {
        before = now;
        replace(list, origins.length === 0 ? emptyState('No origins', 'The configuration names no origin.') : origins.map(origin));
      }
    } catch (error) {
      if (error.name !== 'AbortError') {
        before = '';
        replace(list, failure(error, load));
      }
    }
  }

  root.append(pageHead('Origins', 'The servers that requests are forwarded to. A drained server finishes its requests and gets no new ones.'), list);
  view.every(2000, load);
}
