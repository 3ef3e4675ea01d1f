import * as api from '../api.js';
import {h, replace} from '../dom.js';
import * as format from '../format.js';
import {badge, card, checkbox, confirmation, facts, failure, field, lines as list, loading, notice, pageHead} from '../ui.js';

const SCOPES = [
  ['urls', 'URLs', 'https://shop.example.com/products/1', 'As clients request them, with all variants.', 'url'],
  ['prefixes', 'Prefixes', 'https://shop.example.com/products/', 'All URLs that begin with these.', 'prefix'],
  ['tags', 'Tags', 'products', 'Tags of rules, and of fields such as Surrogate-Key.', 'tag'],
  ['groups', 'Groups', 'front', 'Groups of the origin in Cache-Groups.', 'group'],
];

function values(text) {
  return text.split('\n').map(line => line.trim()).filter(Boolean);
}

function receipt(it) {
  const done = it['dry-run'] ? 'Would be ' + (it.soft ? 'made stale' : 'purged') : it.soft ? 'Made stale' : 'Purged';
  return card('Receipt', {actions: it['dry-run'] ? badge('Dry run', 'warn') : it.confirmed ? badge('Confirmed', 'good') : badge('Not confirmed', 'warn')},
    facts([
      [done, list(it.purged)],
      ['Entries', it.entries === undefined ? 'not counted' : [format.exact(it.entries), h('span', {class: 'muted small'}, ' · counted: ' + it.counted)]],
      it.nodes?.length > 0 && ['Instances', h('ul', {class: 'lines'}, it.nodes.map(node => h('li', null,
        h('code', null, node.name), node.this ? ' (this one) ' : ' ', badge(node.confirmed ? 'Applied' : 'Not confirmed', node.confirmed ? 'good' : 'warn'))))],
    ]));
}

export function show(root, view) {
  const areas = SCOPES.map(([name, label, placeholder, hint, parameter]) => {
    const area = h('textarea', {name, rows: 3, placeholder, spellcheck: 'false'});
    area.value = view.parameters.getAll(parameter).join('\n');
    return {name, area, element: field(label, area, hint + ' One in a line.')};
  });
  const answer = h('div', {'aria-live': 'polite'});
  const soft = checkbox('Soft', 'soft', false, 'Makes responses stale: they are validated at their next use.');
  const all = checkbox('Everything', 'all', false, 'All responses of all sites of this cache.');

  async function run(dryRun) {
    const request = {'dry-run': dryRun, soft: form.elements.soft.checked, all: form.elements.all.checked};
    areas.forEach(({name, area}) => {
      const named = values(area.value);
      if (named.length) {
        request[name] = named;
      }
    });
    const named = SCOPES.reduce((sum, [name]) => sum + (request[name]?.length ?? 0), 0);
    if (named === 0 && !request.all) {
      replace(answer, notice('error', 'Name URLs, prefixes, tags or groups'));
      return;
    }
    if (!dryRun && request.all && !await confirmation(request.soft ? 'Make everything stale?' : 'Purge everything?', h('p', {class: 'muted'}, 'Until the cache is filled again, the origins receive all requests.'), request.soft ? 'Make stale' : 'Purge')) {
      return;
    }
    replace(answer, loading());
    try {
      replace(answer, receipt(await api.post('api/purge', request)));
    } catch (error) {
      replace(answer, failure(error));
    }
  }

  const form = h('form', {class: 'card form', onsubmit: event => {
    event.preventDefault();
    run(event.submitter?.value === 'dry');
  }},
    h('div', {class: 'grid-2'}, areas.map(({element}) => element)),
    h('div', {class: 'checks-row'}, soft, all),
    h('div', {class: 'actions'},
      h('button', {type: 'submit', class: 'button primary', value: 'purge'}, 'Purge'),
      h('button', {type: 'submit', class: 'button secondary', value: 'dry'}, 'Dry run')));

  root.append(pageHead('Purge', 'Removes stored responses, for all instances that share the cache. A dry run counts them.'), form, answer);
}
