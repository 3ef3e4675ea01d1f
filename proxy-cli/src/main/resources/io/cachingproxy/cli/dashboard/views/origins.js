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

/** The addresses of a name, if it is looked up. */
function addresses(server) {
  return server.addresses?.length > 0 && h('ul', {class: 'addresses'}, server.addresses.map(it =>
    h('li', null, h('code', null, it.address), stateBadge(it.state), h('span', {class: 'muted small'}, format.exact(it.requests) + ' in progress'))));
}

function stateBadge(state) {
  return badge(...STATES[state] ?? [state, 'warn']);
}

function history(changes) {
  return changes.length === 0 ? emptyState('No changes', 'No server has changed its state since the start.')
    : table('Changes of servers, the newest first', [
      {name: 'Time', className: 'nowrap', cell: it => h('time', {datetime: it.time}, format.dateTime(it.time))},
      {name: 'Origin', className: 'strong', cell: it => it.origin},
      {name: 'Server', className: 'url-cell', cell: it => url(it.url)},
      {name: 'From', cell: it => stateBadge(it.from)},
      {name: 'To', cell: it => stateBadge(it.to)},
    ], changes.slice(0, 50));
}

export function show(root, view) {
  const list = h('div', {class: 'stack'}, loading());
  const log = h('div', {class: 'card flush'}, loading());
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
    return card(it.name, {
      description: up + ' of ' + format.plural(servers.length, 'server') + ' available',
      actions: badge(up === servers.length ? 'Healthy' : up > 0 ? 'Degraded' : 'Unavailable', up === servers.length ? 'good' : up > 0 ? 'warn' : 'bad'),
    }, table('Servers of ' + it.name, [
      {name: 'Server', className: 'url-cell', cell: server => [url(server.url), server.backup && h('span', {class: 'label'}, 'backup'), addresses(server)]},
      {name: 'State', cell: server => [stateBadge(server.state), MEANINGS[server.state] && h('span', {class: 'muted small block'}, MEANINGS[server.state])]},
      {name: 'In progress', number: true, cell: server => format.exact(server.requests)},
      {name: 'Actions', hideName: true, className: 'row-actions', cell: server => server.state === 'draining'
        ? button('Ready', () => change(it.name, server.index, 'ready'), {small: true, kind: 'primary', key: it.name + server.index})
        : button('Drain', () => change(it.name, server.index, 'drain'), {small: true, key: it.name + server.index})},
    ], servers));
  }

  async function load() {
    try {
      const [origins, changes] = await Promise.all([api.get('api/origins', view.signal), api.get('api/origins/changes', view.signal)]);
      const now = JSON.stringify([origins, changes]);
      if (now !== before) {
        before = now;
        replace(list, origins.length === 0 ? emptyState('No origins', 'The configuration names no origin.') : origins.map(origin));
        replace(log, history(changes));
      }
    } catch (error) {
      if (error.name !== 'AbortError') {
        before = '';
        replace(list, failure(error, load));
        replace(log);
      }
    }
  }

  root.append(pageHead('Origins', 'The servers that requests are forwarded to. A drained server finishes its requests and gets no new ones.'), list,
    h('h2', {class: 'section-title'}, 'Changes of servers'), log);
  view.every(2000, load);
}
