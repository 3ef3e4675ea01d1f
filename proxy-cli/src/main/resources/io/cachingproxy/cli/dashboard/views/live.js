import * as api from '../api.js';
import {h, icon, replace, text} from '../dom.js';
import * as format from '../format.js';
import {OUTCOMES} from '../outcomes.js';
import {badge, button, drawer, emptyState, facts, failure, link, outcomeBadge, pageHead, reason, table, url} from '../ui.js';

const KEPT = 1000;
const SHOWN = 100;

function haystack(it) {
  return [it.method, it.url, it.client, it.status, it.site, it.rule, it.reason, it['not-stored'], it.origin].filter(Boolean).join(' ').toLowerCase();
}

export function show(root, view) {
  let requests = [];
  let seen = 0;
  let paused = false;
  let filter = '';
  const hidden = new Set();
  let connected = false;
  let pending = false;
  let problem = null;

  const list = h('div', {class: 'card flush'});
  const state = h('div', {class: 'live-state', 'aria-live': 'polite'});
  const counter = h('span', {class: 'muted small'});
  const pause = button('Pause', () => {
    paused = !paused;
    replace(pause, icon(paused ? 'play' : 'pause', 17), paused ? 'Resume' : 'Pause');
    draw(true);
  }, {iconName: 'pause'});
  const input = h('input', {type: 'search', placeholder: 'Filter by URL, client, status, rule or reason', 'aria-label': 'Filter by URL, client, status, rule or reason', autocomplete: 'off', spellcheck: 'false', oninput: () => {
    filter = input.value.trim().toLowerCase();
    draw(true);
  }});
  const chips = h('div', {class: 'chips', role: 'group', 'aria-label': 'Results shown'}, OUTCOMES.map(({id, name, meaning}) => {
    const chip = h('button', {type: 'button', class: 'chip', 'aria-pressed': 'true', title: meaning, onclick: () => {
      if (!hidden.delete(id)) {
        hidden.add(id);
      }
      chip.setAttribute('aria-pressed', String(!hidden.has(id)));
      draw(true);
    }}, h('span', {class: 'dot fill-' + id, 'aria-hidden': 'true'}), name);
    return chip;
  }));

  function add(it) {
    if (paused) {
      return;
    }
    requests.unshift(it);
    seen++;
    if (requests.length > KEPT) {
      requests.length = KEPT;
    }
    draw();
  }

  function draw(now = false) {
    if (now) {
      render();
    } else if (!pending) {
      pending = true;
      setTimeout(() => {
        pending = false;
        if (!view.signal.aborted) {
          render();
        }
      }, 400);
    }
  }

  function render() {
    const shown = requests.filter(it => !hidden.has(it.result) && (!filter || haystack(it).includes(filter)));
    replace(state, problem ? badge('Disconnected', 'bad') : paused ? badge('Paused', 'warn') : connected ? badge('Following', 'good') : badge('Connecting', 'warn'));
    text(counter, format.plural(shown.length, 'request') + (shown.length > SHOWN ? ', the newest ' + SHOWN + ' shown' : '') + (seen > KEPT ? '; older ones were dropped' : ''));
    if (problem && requests.length === 0) {
      replace(list, failure(problem, start));
      return;
    }
    replace(list, shown.length === 0
      ? requests.length === 0 ? emptyState('Waiting for requests', 'Requests appear here as they are answered.') : emptyState('No request matches', 'Change the filter or the results shown.')
      : table('Requests, the newest first', [
        {name: 'Time', className: 'nowrap', cell: it => h('time', {datetime: it.time}, format.clock(it.time))},
        {name: 'Result', cell: it => outcomeBadge(it.result)},
        {name: 'Status', number: true, cell: it => h('span', {class: it.status >= 500 ? 'text-bad' : it.status >= 400 ? 'text-warn' : null}, it.status)},
        {name: 'Request', className: 'url-cell', cell: it => h('button', {type: 'button', class: 'as-link', 'data-key': 'request ' + it.id, onclick: () => open(it)}, h('code', {class: 'muted'}, it.method), ' ', url(it.url))},
        {name: 'Reason', cell: it => reason(it['not-stored'] ?? it.reason)},
        {name: 'Size', number: true, cell: it => format.bytes(it.bytes)},
        {name: 'Time in all', number: true, cell: it => format.ms(it['total-ms'])},
      ], shown.slice(0, SHOWN), {onRow: open}));
  }

  function open(it) {
    const close = drawer('Request', h('div', {class: 'stack'},
      h('p', {class: 'entry-url'}, h('code', null, it.method), ' ', url(it.url, {wrap: true})),
      facts([
        ['Time', format.dateTime(it.time)],
        ['Client', it.client],
        ['Protocol', it.protocol],
        ['Status', it.status],
        ['Result', outcomeBadge(it.result)],
        ['Reason', reason(it.reason)],
        ['Not stored', reason(it['not-stored'])],
        ['Site', it.site ?? 'none'],
        ['Rule', it.rule ?? 'none'],
        ['Origin', it.origin ?? 'not asked'],
        ['Age', typeof it.age === 'number' ? format.duration(it.age) : 'none'],
        ['Bytes', format.bytes(it.bytes) + (it.complete === false ? ', incomplete' : '')],
        ['First byte', format.ms(it['first-byte-ms'])],
        ['In all', format.ms(it['total-ms'])],
      ]),
      h('div', {class: 'actions'}, link('Explain', '#/explain?id=' + it.id + (it.url.includes('***') ? '' : '&url=' + encodeURIComponent(it.url) + '&method=' + encodeURIComponent(it.method))),
        link('Find the entry', '#/entries?q=' + encodeURIComponent(it.url)))));
    document.querySelectorAll('dialog.drawer a').forEach(a => a.addEventListener('click', close));
  }

  /** Adds what was answered before the stream began, or while it was interrupted. */
  async function catchUp() {
    const recent = await api.get('api/requests?limit=100', view.signal);
    const known = new Set(requests.map(it => it.id));
    const older = recent.requests.filter(it => !known.has(it.id));
    requests = [...requests, ...older].sort((one, other) => Date.parse(other.time) - Date.parse(one.time)).slice(0, KEPT);
    seen += older.length;
    draw(true);
  }

  async function start() {
    problem = null;
    let wait = 1000;
    for (;;) {
      try {
        await api.follow('api/requests', add, () => {
          connected = true;
          problem = null;
          wait = 1000;
          draw(true);
          catchUp().catch(() => {});
        }, view.signal);
      } catch (error) {
        if (view.signal.aborted || error.status === 401) {
          return;
        }
        problem = error instanceof api.ApiError ? error : new api.ApiError(0, 'The stream of requests was interrupted');
      }
      connected = false;
      draw(true);
      if (problem?.status === 404) {
        return;
      }
      await new Promise(resolve => setTimeout(resolve, wait));
      wait = Math.min(wait * 2, 15000);
      if (view.signal.aborted) {
        return;
      }
    }
  }

  view.onLeave(() => document.querySelectorAll('dialog.drawer').forEach(dialog => dialog.close()));
  root.append(pageHead('Live', 'Requests as they are answered; of hits at most 100 a second.', state, pause),
    h('div', {class: 'toolbar'}, h('div', {class: 'search'}, icon('search', 16), input), chips), list, counter);
  render();
  start();
}
