// The history of the instance, kept by the page: after the first answer only the newest points are requested.

import * as api from './api.js';
import {OUTCOMES} from './outcomes.js';

const KEPT = 6 * 60 * 60;

let data = null;

function merge(answer) {
  const from = Date.parse(answer.from) / 1000;
  if (data === null || data.step !== answer.step || from < data.from) {
    data = {step: answer.step, from, series: answer.series};
    return;
  }
  const offset = Math.round((from - data.from) / data.step);
  for (const [name, values] of Object.entries(answer.series)) {
    const all = data.series[name] ??= [];
    while (all.length < offset) {
      all.push(null);
    }
    values.forEach((value, i) => {
      all[offset + i] = value;
    });
  }
  const length = Math.max(0, ...Object.values(data.series).map(values => values.length));
  const surplus = Math.max(0, length - KEPT / data.step);
  if (surplus > 0) {
    Object.values(data.series).forEach(values => values.splice(0, surplus));
    data.from += surplus * data.step;
  }
}

/** Brings the history up to date. */
export async function refresh(signal) {
  if (data === null) {
    merge(await api.get('api/history?minutes=360', signal));
    return;
  }
  const length = data.series['requests.hit']?.length ?? 0;
  const missing = Date.now() / 1000 - (data.from + length * data.step);
  const minutes = Math.min(360, Math.max(1, Math.ceil(missing / 60) + 1));
  merge(await api.get('api/history?minutes=' + minutes, signal));
}

const SUMMED = /^(requests|bytes)\./;
const LARGEST = /\.p99$/;

function joined(name, values) {
  const present = values.filter(value => value !== null && value !== undefined);
  if (present.length === 0) {
    return null;
  }
  if (LARGEST.test(name)) {
    return Math.max(...present);
  }
  const sum = present.reduce((one, other) => one + other, 0);
  return SUMMED.test(name) ? sum : name === 'redis' ? Math.min(...present) : sum / present.length;
}

/**
 * The last minutes: times in seconds, and for each series a column. Beyond an hour a point stands for a minute: sums of
 * requests and bytes, means of the others, the largest p99.
 */
export function last(minutes) {
  if (data === null) {
    return null;
  }
  const factor = minutes > 60 ? 6 : 1;
  const length = Math.max(0, ...Object.values(data.series).map(values => values.length));
  const wanted = Math.min(length, Math.round(minutes * 60 / data.step));
  const first = length - wanted;
  const points = Math.floor(wanted / factor);
  const start = first + (wanted - points * factor);
  const times = Array.from({length: points}, (_, i) => data.from + (start + i * factor) * data.step);
  const columns = {};
  for (const [name, values] of Object.entries(data.series)) {
    columns[name] = Array.from({length: points}, (_, i) => {
      const at = start + i * factor;
      return factor === 1 ? values[at] ?? null : joined(name, values.slice(at, at + factor));
    });
  }
  return {times, columns, seconds: data.step * factor};
}

/** The sums of a kind of counts, by result. */
export function sums(columns, kind) {
  const counts = {};
  for (const {id} of OUTCOMES) {
    counts[id] = (columns[kind + '.' + id] ?? []).reduce((sum, value) => sum + (value ?? 0), 0);
  }
  return counts;
}
