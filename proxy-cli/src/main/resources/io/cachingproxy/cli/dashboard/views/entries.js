import * as api from '../api.js';
import {h, icon, replace} from '../dom.js';
import * as format from '../format.js';
import {badge, button, card, confirmation, drawer, emptyState, explainLink, facts, failure, loading, pageHead, segmented, table, toast, url} from '../ui.js';

const PAGE = 50;
const STORES = [['near', 'This node'], ['redis', 'Redis']];

function freshness(variant) {
  return variant.fresh ? badge('Fresh', 'good') : badge('Stale', 'warn');
}

function ttl(variant) {
  return variant.ttl >= 0 ? 'another ' + format.duration(variant.ttl) : 'for ' + format.duration(-variant.ttl);
}

function tags(list) {
  return list?.length ? h('ul', {class: 'tags'}, list.map(tag => h('li', null, h('a', {class: 'tag', href: '#/purge?tag=' + encodeURIComponent(tag), title: 'Purge this tag'}, tag))))
    : h('span', {class: 'muted'}, '–');
}

function variantCard(variant, number, of) {
  const vary = Object.entries(variant.vary ?? {});
  return card(of > 1 ? 'Variant ' + number : 'Response', {level: 'h3', className: 'inset'}, facts([
    ['Status', variant.status],
    ['Freshness', [freshness(variant), ' ', ttl(variant)]],
    ['Age', format.duration(variant.age)],
    ['Size', format.bytes(variant.bytes)],
    ['Stored', format.dateTime(variant['stored-at'])],
    ['Vary', vary.length ? h('ul', {class: 'lines'}, vary.map(([name, value]) => h('li', null, h('code', null, name + ': '), h('code', {class: 'wrap'}, value || '(absent)')))) : 'none'],
    ['Tags', tags(variant.tags)],
  ]));
}

export function show(root, view) {
  let query = view.parameters.get('q') ?? '';
  let store = view.parameters.get('store') === 'redis' ? 'redis' : 'near';
  let before = [];
  let after = null;
  let next = null;
  let turn = 0;

  const list = h('div', {class: 'card flush'}, loading());
  const pager = h('div', {class: 'pager'});
  const input = h('input', {type: 'search', name: 'q', value: query, placeholder: 'Part of a URL', 'aria-label': 'Search by a part of the URL', autocomplete: 'off', spellcheck: 'false', enterkeyhint: 'search'});
  const search = h('form', {class: 'search', role: 'search', onsubmit: event => {
    event.preventDefault();
    start();
  }}, icon('search', 16), input);

  function start() {
    query = input.value.trim();
    before = [];
    after = null;
    const shown = new URLSearchParams();
    if (query) {
      shown.set('q', query);
    }
    if (store === 'redis') {
      shown.set('store', store);
    }
    history.replaceState(null, '', '#/entries' + (shown.size ? '?' + shown : ''));
    load();
  }

  async function load() {
    const own = ++turn;
    const parameters = new URLSearchParams({limit: PAGE, store});
    if (query) {
      parameters.set('q', query);
    }
    if (after) {
      parameters.set('after', after);
    }
    try {
      const answer = await api.get('api/entries?' + parameters, view.signal);
      if (own !== turn) {
        return;
      }
      next = answer.next ?? null;
      draw(answer);
    } catch (error) {
      if (error.name !== 'AbortError' && own === turn) {
        replace(list, failure(error, load));
        replace(pager);
      }
    }
  }

  function draw(answer) {
    const entries = answer.entries;
    replace(list, entries.length === 0
      ? next !== null ? emptyState('No entry on this page', 'Redis is searched in steps. The next page continues.')
        : query ? emptyState('No entry matches', 'No stored URL contains “' + query + '”.') : emptyState('Nothing is stored', 'Responses appear here once the cache has stored them.')
      : table('Stored entries', [
        {name: 'URL', className: 'url-cell', cell: entry => h('button', {type: 'button', class: 'as-link', 'data-key': entry.id, onclick: () => open(entry)}, url(entry.url))},
        {name: 'Method', cell: entry => h('code', null, entry.method)},
        {name: 'Freshness', cell: entry => entry.variants.length ? [freshness(entry.variants[0]), h('span', {class: 'muted small block'}, ttl(entry.variants[0]))] : '–'},
        {name: 'Variants', number: true, cell: entry => format.exact(entry.variants.length)},
        {name: 'Size', number: true, cell: entry => format.bytes(entry.variants.reduce((sum, variant) => sum + variant.bytes, 0))},
        {name: 'Tags', cell: entry => tags([...new Set(entry.variants.flatMap(variant => variant.tags))].slice(0, 4))},
      ], entries, {onRow: open}));
    replace(pager,
      h('p', {class: 'muted small'}, answer.listed === 'all' ? 'All entries of this instance, in the order of their ids.' : 'Listed: ' + answer.listed + '.'),
      h('div', {class: 'actions'},
        button('Previous', () => {
          after = before.pop() ?? null;
          load();
        }, {iconName: 'previous', small: true, key: 'previous', disabled: before.length === 0 && after === null}),
        button('Next', () => {
          before.push(after);
          after = next;
          load();
        }, {iconName: 'next', small: true, key: 'next', disabled: next === null})));
  }

  async function open(entry) {
    const content = h('div', {class: 'stack'}, loading());
    const close = drawer('Entry', content);
    try {
      const found = await api.get('api/entries/' + entry.id + '?store=' + store, view.signal);
      replace(content,
        h('p', {class: 'entry-url'}, h('code', null, found.method), ' ', url(found.url, {wrap: true})),
        h('div', {class: 'actions'},
          button('Purge', () => purge(found, false, close), {kind: 'danger', iconName: 'purge'}),
          button('Make stale', () => purge(found, true, close)),
          explainLink(found)),
        found.variants.map((variant, i) => variantCard(variant, i + 1, found.variants.length)));
      content.querySelector('a[href^="#/explain"]')?.addEventListener('click', close);
    } catch (error) {
      if (error.name !== 'AbortError') {
        replace(content, error.status === 404 ? emptyState('No longer stored', 'The entry was removed meanwhile.') : failure(error));
      }
    }
  }

  async function purge(entry, soft, close) {
    if (!soft && !await confirmation('Purge this entry?', [h('p', null, url(entry.url, {wrap: true})), h('p', {class: 'muted'}, 'All its variants are removed, for all instances that share the cache.')], 'Purge')) {
      return;
    }
    try {
      const receipt = await api.remove('api/entries/' + entry.id + '?store=' + store + (soft ? '&soft' : ''));
      close();
      toast((soft ? 'Made stale' : 'Purged') + (receipt.confirmed ? '' : ' on this instance; not confirmed by Redis yet'), receipt.confirmed ? 'success' : 'warning');
      load();
    } catch (error) {
      toast(error.message, 'error');
    }
  }

  view.onLeave(() => document.querySelectorAll('dialog.drawer').forEach(dialog => dialog.close()));
  const choice = h('div');
  root.append(pageHead('Entries', 'What is stored in the memory of this instance, or in Redis.', choice, button('Refresh', load, {iconName: 'refresh'})), search, list, pager);
  api.get('api/stats', view.signal).then(stats => stats.redis !== undefined && replace(choice, segmented('Store', STORES, store, chosen => {
    store = chosen;
    start();
  }))).catch(() => {});
  let timer;
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(start, 250);
  });
  view.onLeave(() => clearTimeout(timer));
  load();
}
