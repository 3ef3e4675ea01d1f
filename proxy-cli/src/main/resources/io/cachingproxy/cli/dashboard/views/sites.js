import * as api from '../api.js';
import {h, replace} from '../dom.js';
import * as format from '../format.js';
import {OUTCOMES, hitRatio, reasonMeaning, total} from '../outcomes.js';
import {card, emptyState, failure, loading, outcomeBar, pageHead, ranking, reason, table} from '../ui.js';

function key() {
  return h('ul', {class: 'legend static', 'aria-label': 'Colours'}, OUTCOMES.map(({id, name, meaning}) =>
    h('li', {title: meaning}, h('span', {class: 'dot fill-' + id, 'aria-hidden': 'true'}), name)));
}

function notStored(counts) {
  const [most] = Object.entries(counts ?? {}).sort((one, other) => other[1] - one[1]);
  return most ? [reason(most[0]), h('span', {class: 'muted'}, ' ' + format.count(most[1]))] : h('span', {class: 'muted'}, '–');
}

function site(it) {
  const rules = it.rules ?? [];
  return card(it.name, {
    description: format.count(total(it.requests)) + ' requests, ' + format.percent(hitRatio(it.requests)) + ' from the cache',
    className: 'site',
  },
  outcomeBar(it.requests),
  rules.length === 0 ? h('p', {class: 'muted small'}, 'This site has no rules, or none was applied yet.')
    : table('Rules of ' + it.name, [
      {name: 'Rule', cell: rule => rule.name, className: 'strong'},
      {name: 'Requests', number: true, cell: rule => format.count(total(rule.requests))},
      {name: 'From the cache', number: true, cell: rule => format.percent(hitRatio(rule.requests))},
      {name: 'Outcomes', cell: rule => outcomeBar(rule.requests), className: 'bar-cell'},
      {name: 'Not stored, mostly', cell: rule => notStored(rule['not-stored'])},
    ], rules));
}

export function show(root, view) {
  const sites = h('div', {class: 'stack'}, loading());
  const reasons = h('div', null, loading());
  root.append(pageHead('Sites & rules', 'Requests since the start, by site and by rule. A request counts for the last rule that matches it.'), key(), sites,
    card('Not stored, by reason', {description: 'In all sites'}, reasons));
  let before = '';
  const load = view.every(5000, async () => {
    try {
      const stats = await api.get('api/stats', view.signal);
      const now = JSON.stringify([stats.sites, stats['not-stored']]);
      if (now !== before) {
        before = now;
        replace(sites, stats.sites?.length ? stats.sites.map(site) : emptyState('No requests yet', 'Sites appear with their first request.'));
        replace(reasons, ranking(stats['not-stored'], {name: reason, detail: reasonMeaning, empty: 'Every response was stored'}));
      }
    } catch (error) {
      if (error.name !== 'AbortError') {
        before = '';
        replace(sites, failure(error, () => load()));
        replace(reasons);
      }
    }
  });
}
