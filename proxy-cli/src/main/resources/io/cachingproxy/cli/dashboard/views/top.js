import * as api from '../api.js';
import {h, replace} from '../dom.js';
import * as format from '../format.js';
import {reasonMeaning} from '../outcomes.js';
import {emptyState, explainLink, failure, loading, pageHead, reason, segmented, table, url} from '../ui.js';

const BY = [['hits', 'Hits'], ['bytes', 'Bytes'], ['misses', 'Misses']];

function share(row, by, most) {
  const meter = h('span', {class: 'meter', 'aria-hidden': 'true'});
  const fill = h('span', {class: by === 'misses' ? 'fill-miss' : by === 'bytes' ? 'fill-revalidated' : 'fill-hit'});
  fill.style.width = most > 0 ? 100 * row[by] / most + '%' : '0';
  meter.append(fill);
  return meter;
}

export function show(root, view) {
  const asked = view.parameters.get('by');
  let by = BY.some(([id]) => id === asked) ? asked : 'hits';
  const list = h('div', {class: 'card flush'}, loading());
  const note = h('p', {class: 'muted small'});

  async function load() {
    try {
      const asking = by;
      const answer = await api.get('api/top?by=' + by + '&limit=50', view.signal);
      if (asking !== by) {
        return;
      }
      const rows = answer.urls ?? [];
      const most = Math.max(0, ...rows.map(row => row[by]));
      replace(note, answer.counted ? 'Counted since the start: ' + answer.counted + '.' : '');
      replace(list, rows.length === 0 ? emptyState('No requests yet', 'URLs appear once they are requested.')
        : table('URLs with the most ' + by, [
          {name: 'URL', className: 'url-cell', cell: row => [url(row.url), share(row, by, most)]},
          {name: 'Hits', number: true, cell: row => format.count(row.hits)},
          {name: 'Misses', number: true, cell: row => format.count(row.misses)},
          {name: 'Bytes', number: true, cell: row => format.bytes(row.bytes)},
          {name: 'Reason of most misses', cell: row => row.reason
            ? h('div', null, reason(row.reason), h('p', {class: 'muted small'}, reasonMeaning(row.reason))) : h('span', {class: 'muted'}, '–')},
          {name: 'Actions', hideName: true, className: 'row-actions', cell: row => explainLink(row, 'explain ' + row.url)},
        ], rows));
    } catch (error) {
      if (error.name !== 'AbortError') {
        replace(list, failure(error, load));
      }
    }
  }

  root.append(pageHead('Top URLs', 'The URLs with the most hits, bytes and misses since the start.', segmented('Order', BY, by, chosen => {
    by = chosen;
    load();
  })), list, note);
  view.every(5000, load);
}
