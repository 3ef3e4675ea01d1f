import * as api from '../api.js';
import {h, replace} from '../dom.js';
import * as format from '../format.js';
import {badge, card, emptyState, explainLink, facts, failure, loading, outcomeBadge, outcomeBar, pageHead, table, url} from '../ui.js';

function statuses(row) {
  return row.status === row['stored-status'] ? String(row.status) : row['stored-status'] + ' instead of ' + row.status;
}

function wrongResponses(site) {
  const rows = site['wrong-responses'] ?? [];
  return rows.length > 0 && h('div', {class: 'stack tight'}, h('h3', {class: 'subhead'}, 'Last wrong responses'),
    table('Wrong responses of ' + site.name, [
      {name: 'URL', className: 'url-cell', cell: row => [url(row.url), h('p', {class: 'muted small'}, row.hint)]},
      {name: 'Result', cell: row => outcomeBadge(row.result)},
      {name: 'Status', cell: statuses},
      {name: 'Age', number: true, cell: row => format.duration(row.age)},
      {name: 'Differs in', cell: row => row.differing.length
        ? row.differing.map((name, index) => [index > 0 && ', ', h('code', {class: 'wrap'}, name)]) : h('span', {class: 'muted'}, 'nothing')},
      {name: 'Time', cell: row => format.dateTime(row.time)},
      {name: 'Actions', hideName: true, className: 'row-actions', cell: row => explainLink(row, 'explain ' + row.time + row.url)},
    ], rows));
}

function verdict(site) {
  if (site.wrong > 0) {
    return badge(format.plural(site.wrong, 'wrong response'), 'bad');
  }
  return site.right > 0 ? badge('No wrong response', 'good') : badge('Nothing compared yet', 'warn');
}

function site(it) {
  return card(it.name, {description: 'Since ' + format.dateTime(it.since), actions: [verdict(it)], className: 'shadow-site'},
    outcomeBar(it.requests),
    facts([
      ['Would have come from the cache', format.percent(it['hit-ratio'].requests) + ' of requests, ' + format.percent(it['hit-ratio'].bytes) + ' of bytes'],
      ['Bytes saved', format.bytes(it['bytes-saved']) + ' of ' + format.bytes(it.bytes)],
      ['Compared with the origin', format.exact(it.right) + ' right, ' + format.exact(it.wrong) + ' wrong'],
      ['Not compared', format.exact(it['not-compared'])],
      ['Incomplete', format.exact(it.incomplete)],
    ]),
    wrongResponses(it));
}

export function show(root, view) {
  const sites = h('div', {class: 'stack'}, loading());
  root.append(pageHead('Shadow', 'Sites with shadow: true. Every response comes from the origin; this is what the cache would have done.'), sites);
  let before = '';
  const load = view.every(5000, async () => {
    try {
      const report = await api.get('api/shadow', view.signal);
      const now = JSON.stringify(report);
      if (now !== before) {
        before = now;
        replace(sites, report.sites?.length ? report.sites.map(site)
          : emptyState('No shadow sites', 'Set shadow: true at a site of the configuration file to try the cache without serving from it.'));
      }
    } catch (error) {
      if (error.name !== 'AbortError') {
        before = '';
        replace(sites, failure(error, () => load()));
      }
    }
  });
}
