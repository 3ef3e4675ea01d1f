import * as api from '../api.js';
import {chart, sparkline} from '../chart.js';
import {h, replace, text} from '../dom.js';
import * as format from '../format.js';
import * as history from '../history.js';
import {OUTCOMES, hitRatio, offload, reasonMeaning, total} from '../outcomes.js';
import {drawRedis} from '../redis.js';
import {badge, card, emptyState, facts, failure, link, loading, pageHead, ranking, reason, segmented} from '../ui.js';

const RANGES = [[15, '15 min'], [60, '1 h'], [360, '6 h']];
const REFRESH = 5000;

let minutes = 15;

function perSecond(column, seconds) {
  return column?.map(value => value === null || value === undefined ? null : value / seconds) ?? [];
}

function at(columns, kind, i) {
  return Object.fromEntries(OUTCOMES.map(({id}) => [id, columns[kind + '.' + id]?.[i] ?? 0]));
}

function ratios(columns, kind, times, ratio) {
  return times.map((_, i) => ratio(at(columns, kind, i)) ?? null);
}

function tile(name, detail, onLeave) {
  const value = h('p', {class: 'tile-value'}, '–');
  const under = h('p', {class: 'muted small'}, detail);
  const spark = sparkline(onLeave);
  return {
    element: h('section', {class: 'tile', 'aria-label': name}, h('h2', {class: 'tile-name'}, name), value, under, spark.element),
    update(shown, values, words) {
      text(value, shown);
      if (words !== undefined) {
        text(under, words);
      }
      spark.update(values);
    },
  };
}

function largest(values) {
  const known = (values ?? []).filter(value => value !== null && value !== undefined);
  return known.length ? Math.max(...known) : undefined;
}

/** The mean of the medians, weighted by the number of requests. */
function usual(values, weights) {
  let sum = 0;
  let all = 0;
  values?.forEach((value, i) => {
    const weight = weights[i] ?? 0;
    if (value !== null && value !== undefined && weight > 0) {
      sum += value * weight;
      all += weight;
    }
  });
  return all > 0 ? sum / all : undefined;
}

export function show(root, view) {
  const {onLeave} = view;
  const tiles = {
    rate: tile('Requests', 'per second, now', onLeave),
    ratio: tile('Hit ratio', 'of requests', onLeave),
    bytes: tile('Byte hit ratio', 'of bytes sent', onLeave),
    offload: tile('Origin offload', 'of requests not sent to an origin', onLeave),
    hit: tile('Median hit latency', 'to the last byte', onLeave),
    miss: tile('Median miss latency', 'to the last byte', onLeave),
  };
  const outcome = chart({
    title: 'Requests by outcome', description: 'Per second', className: 'wide', height: 240, stacked: true, show: format.rate, onLeave,
    series: [...OUTCOMES].reverse().map(({id, name}) => ({id, name, color: '--c-' + id})),
  });
  const ratio = chart({
    title: 'Hit ratio', show: format.percent, range: [0, 1], onLeave,
    series: [{id: 'requests', name: 'Requests', color: '--c-hit'}, {id: 'bytes', name: 'Bytes', color: '--c-revalidated', dash: [5, 4]}],
  });
  const traffic = chart({
    title: 'Bytes sent', description: 'Per second', show: format.byteRate, binary: true, stacked: true, onLeave,
    series: [{id: 'origin', name: 'From origins', color: '--c-miss'}, {id: 'cache', name: 'From the cache', color: '--c-hit'}],
  });
  const hitLatency = chart({
    title: 'Hit latency', description: 'Time to the last byte', show: format.ms, onLeave,
    series: [{id: 'p50', name: 'Median', color: '--c-hit'}, {id: 'p99', name: '99th percentile', color: '--c-stale', dash: [5, 4]}],
  });
  const missLatency = chart({
    title: 'Miss latency', description: 'Time to the last byte', show: format.ms, onLeave,
    series: [{id: 'p50', name: 'Median', color: '--c-miss'}, {id: 'p99', name: '99th percentile', color: '--c-stale', dash: [5, 4]}],
  });
  const memory = chart({
    title: 'Memory', show: format.bytes, binary: true, onLeave,
    series: [{id: 'heap', name: 'Heap used', color: '--c-revalidated'}, {id: 'stored', name: 'Stored responses', color: '--c-hit'}],
  });
  const entries = chart({
    title: 'Entries and connections', show: format.count, onLeave,
    series: [{id: 'entries', name: 'Stored responses', color: '--c-hit'}, {id: 'connections', name: 'Client connections', color: '--c-collapsed'}],
  });
  const charts = h('div', {class: 'charts'}, [outcome, ratio, traffic, hitLatency, missLatency, memory, entries].map(it => it.element));
  const tilesBox = h('div', {class: 'tiles'}, Object.values(tiles).map(it => it.element));
  const problem = h('div');
  const reasons = h('div', null, loading());
  const state = h('div', null, loading());
  const redis = h('div');

  function draw() {
    const range = history.last(minutes);
    if (range === null) {
      return;
    }
    const {times, columns, seconds} = range;
    const all = times.map((_, i) => total(at(columns, 'requests', i)) / seconds);
    const requests = history.sums(columns, 'requests');
    const bytes = history.sums(columns, 'bytes');
    tiles.rate.update(format.rate(all.at(-1)), all, format.count(total(requests)) + ' in ' + format.duration(times.length * seconds));
    tiles.ratio.update(format.percent(hitRatio(requests)), ratios(columns, 'requests', times, hitRatio));
    tiles.bytes.update(format.percent(hitRatio(bytes)), ratios(columns, 'bytes', times, hitRatio));
    tiles.offload.update(format.percent(offload(requests)), ratios(columns, 'requests', times, offload));
    const hits = columns['latency.hit.p50'];
    const misses = columns['latency.miss.p50'];
    tiles.hit.update(format.ms(usual(hits, columns['requests.hit'] ?? [])), hits ?? [], 'p99 up to ' + format.ms(largest(columns['latency.hit.p99'])));
    tiles.miss.update(format.ms(usual(misses, columns['requests.miss'] ?? [])), misses ?? [], 'p99 up to ' + format.ms(largest(columns['latency.miss.p99'])));
    outcome.update(times, [...OUTCOMES].reverse().map(({id}) => perSecond(columns['requests.' + id], seconds)));
    ratio.update(times, [ratios(columns, 'requests', times, hitRatio), ratios(columns, 'bytes', times, hitRatio)]);
    const cached = times.map((_, i) => ['hit', 'stale', 'revalidated'].reduce((sum, id) => sum + (columns['bytes.' + id]?.[i] ?? 0), 0) / seconds);
    traffic.update(times, [times.map((_, i) => total(at(columns, 'bytes', i)) / seconds - cached[i]), cached]);
    hitLatency.update(times, [hits ?? [], columns['latency.hit.p99'] ?? []]);
    missLatency.update(times, [misses ?? [], columns['latency.miss.p99'] ?? []]);
    memory.update(times, [columns['memory.heap'] ?? [], columns['stored.bytes'] ?? []]);
    entries.update(times, [columns['stored.entries'] ?? [], columns.connections ?? []]);
  }

  function drawStats(stats) {
    replace(reasons, ranking(stats['not-stored'], {name: reason, detail: reasonMeaning, empty: 'Every response was stored'}));
    drawRedis(redis, stats);
    const servers = {available: 0, draining: 0, down: 0, ejected: 0};
    (stats.origins ?? []).forEach(origin => Object.keys(servers).forEach(key => {
      servers[key] += origin.servers?.[key] ?? 0;
    }));
    const troubled = servers.down + servers.ejected;
    replace(state, facts([
      ['Origin servers', [badge(servers.available + ' available', 'good'), troubled > 0 && badge(troubled + ' unavailable', 'bad'),
        servers.draining > 0 && badge(servers.draining + ' draining', 'warn')]],
      ['Redis', stats.redis === undefined ? 'Not used' : badge(stats.redis === 'available' ? 'Available' : 'Unavailable', stats.redis === 'available' ? 'good' : 'bad')],
      ['Stored', [format.count(stats.stored?.entries), ' responses, ', format.bytes(stats.stored?.bytes)]],
      ['Heap', [format.bytes(stats.memory?.['heap-used']), ' of ', format.bytes(stats.memory?.['heap-max'])]],
      stats.memory?.['direct-used'] !== undefined && ['Direct buffers', format.bytes(stats.memory['direct-used'])],
      ['Requests in progress', format.exact(stats['active-requests'])],
      ['Client connections', format.exact(stats.connections)],
      ['Requests since start', [format.count(total(stats.requests)), ' in ', format.duration(stats.uptime)]],
    ]));
  }

  root.append(
    pageHead('Overview', 'Traffic of this instance.', segmented('Time range', RANGES, minutes, chosen => {
      minutes = chosen;
      draw();
    })),
    problem, tilesBox, charts,
    h('div', {class: 'columns'},
      card('Not stored, by reason', {description: 'Responses that were sent, but not stored, since the start', actions: link('Find the URLs', '#/top?by=misses')}, reasons),
      card('State', {description: 'Now'}, state)),
    redis);

  draw();
  view.every(REFRESH, async () => {
    try {
      await history.refresh(view.signal);
      replace(problem);
      tilesBox.hidden = charts.hidden = false;
      draw();
    } catch (error) {
      if (error.name !== 'AbortError') {
        const none = error.status === 404;
        tilesBox.hidden = charts.hidden = none || history.last(minutes) === null;
        replace(problem, none ? emptyState('No history', 'This instance keeps no history.') : failure(error));
      }
    }
  });
  view.every(REFRESH, async () => {
    try {
      drawStats(await api.get('api/stats', view.signal));
    } catch (error) {
      if (error.name !== 'AbortError') {
        replace(reasons, failure(error));
        replace(state);
      }
    }
  });
}
