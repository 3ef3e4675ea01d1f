// Line and stacked charts over time, drawn by uPlot; each has a legend, a table of its values and a summary in words.

import {h, replace, text} from './dom.js';
import * as format from './format.js';
import {uniqueId} from './ui.js';

const TABLE_ROWS = 24;

/** Steps of an axis of bytes. */
const POWERS = Array.from({length: 50}, (_, i) => 2 ** i);

const live = new Set();

function redrawAll() {
  live.forEach(chart => chart.rebuild());
}

window.addEventListener('themechange', redrawAll);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawAll);

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Adds the columns up, from the last one at the bottom to the first one at the top. */
function stack(columns) {
  const sums = [];
  let below = null;
  for (let i = columns.length - 1; i >= 0; i--) {
    const base = below;
    sums[i] = columns[i].map((value, at) => value === null && (base === null || base[at] === null) ? null : (value ?? 0) + (base?.[at] ?? 0));
    below = sums[i];
  }
  return sums;
}

/**
 * A chart.
 *
 * @param binary whether the steps of the axis are powers of two
 * @param series {id, name, color: name of a CSS variable, dash?}, the topmost first if stacked
 */
export function chart({title, description, series, stacked = false, show = format.count, binary = false, range, height = 200, onLeave, className = ''}) {
  const plot = h('div', {class: 'plot', role: 'img', 'aria-label': title + ': no values yet'});
  const order = stacked ? series.map((_, i) => series.length - 1 - i) : series.map((_, i) => i);
  const tip = h('div', {class: 'tip', hidden: true, 'aria-hidden': 'true'});
  const holder = h('div', {class: 'plot-holder'}, plot, tip);
  const titleId = uniqueId('chart');
  const hidden = new Set();
  const values = new Map();
  const legend = h('ul', {class: 'legend', 'aria-label': 'Series'}, order.map(i => {
    const {id, name, color: variable} = series[i];
    const value = h('span', {class: 'legend-value'});
    values.set(id, value);
    const mark = h('span', {class: 'dot', 'aria-hidden': 'true'});
    mark.style.background = 'var(' + variable + ')';
    return h('li', null, h('button', {type: 'button', 'aria-pressed': 'true', title: 'Show or hide ' + name, onclick: event => {
      if (!hidden.delete(id)) {
        hidden.add(id);
      }
      event.currentTarget.setAttribute('aria-pressed', String(!hidden.has(id)));
      draw();
    }}, mark, name, value));
  }));
  const tableHolder = h('div', {class: 'chart-table'});
  const details = h('details', {class: 'data', ontoggle: () => drawTable()}, h('summary', null, 'Values', h('span', {class: 'sr'}, ' of ' + title)), tableHolder);
  const element = h('figure', {class: ('card chart ' + className).trim(), 'aria-labelledby': titleId},
    h('figcaption', null, h('h2', {class: 'card-title', id: titleId}, title), description && h('p', {class: 'muted small'}, description)),
    legend, holder, details);

  let u = null;
  let times = [];
  let columns = series.map(() => []);

  function drawn() {
    const shown = columns.map((column, i) => hidden.has(series[i].id) ? column.map(() => null) : column);
    return [times, ...stacked ? stack(shown) : shown];
  }

  function options(width) {
    const axis = {stroke: color('--muted'), font: '12px ' + getComputedStyle(document.body).fontFamily, grid: {stroke: color('--grid'), width: 1}, ticks: {show: false}};
    return {
      width, height,
      padding: [8, 8, 0, 0],
      legend: {show: false},
      cursor: {sync: {key: 'time', setSeries: false}, drag: {x: false, y: false}, points: stacked ? {show: false} : {size: 6}},
      scales: {x: {time: true}, y: {range: (_, low, high) => range ?? [0, high > 0 ? high * 1.08 : 1]}},
      axes: [
        {...axis, space: 64, size: 30, grid: {show: false}, values: (_, splits) => splits.map(split => format.minute(split * 1000))},
        {...axis, space: 36, gap: 6, incrs: binary ? POWERS : undefined, size: (_, labels) => 14 + 6.8 * Math.max(4, ...(labels ?? []).map(label => label.length)), values: (_, splits) => splits.map(split => show(split).replace(/\.0(?=\D)/, ''))},
      ],
      series: [{}, ...series.map(({color: variable, dash}) => ({
        stroke: color(variable), width: stacked ? 0 : 1.75, dash,
        fill: stacked ? color(variable) : undefined, points: {show: false}, spanGaps: false,
      }))],
      hooks: {setCursor: [point]},
    };
  }

  function point(self) {
    const at = self.cursor.idx;
    const over = self.cursor.left >= 0 && at !== null && at !== undefined && times[at] !== undefined;
    tip.hidden = !over || !holder.matches(':hover');
    if (tip.hidden) {
      return;
    }
    replace(tip, h('p', {class: 'tip-time'}, format.clock(times[at] * 1000)),
      order.map(i => {
        const {id, name, color: variable} = series[i];
        const value = columns[i][at];
        if (hidden.has(id) || (stacked && !value)) {
          return null;
        }
        const mark = h('span', {class: 'dot'});
        mark.style.background = 'var(' + variable + ')';
        return h('p', null, mark, name, h('span', {class: 'number'}, show(value)));
      }));
    const left = self.cursor.left + self.over.offsetLeft;
    const flip = left > holder.clientWidth / 2;
    tip.style.transform = 'translate(' + (flip ? left - tip.offsetWidth - 12 : left + 12) + 'px, 8px)';
  }

  function rebuild() {
    u?.destroy();
    u = null;
    if (plot.clientWidth > 0 && times.length > 0) {
      u = new window.uPlot(options(plot.clientWidth), drawn(), plot);
      tip.hidden = true;
    }
  }

  function draw() {
    if (u === null) {
      rebuild();
    } else {
      u.setData(drawn());
    }
    summarise();
    drawTable();
  }

  function summarise() {
    const now = times.length - 1;
    series.forEach(({id}, i) => text(values.get(id), now >= 0 ? show(columns[i][now]) : ''));
    const words = order.map(i => {
      const {name} = series[i];
      const known = columns[i].filter(value => value !== null && value !== undefined);
      return known.length === 0 ? name + ' no values'
        : name + ' ' + show(columns[i][now]) + ' now, ' + show(Math.min(...known)) + ' to ' + show(Math.max(...known));
    });
    plot.setAttribute('aria-label', times.length === 0 ? title + ': no values yet'
      : title + ' since ' + format.minute(times[0] * 1000) + ': ' + words.join('; '));
  }

  function drawTable() {
    if (!details.open) {
      return;
    }
    const every = Math.max(1, Math.ceil(times.length / TABLE_ROWS));
    const rows = [];
    for (let i = times.length - 1; i >= 0; i -= every) {
      rows.push(i);
    }
    replace(tableHolder, h('div', {class: 'scroll-x', tabindex: '0', role: 'region', 'aria-label': 'Values of ' + title},
      h('table', null, h('caption', {class: 'sr'}, title),
        h('thead', null, h('tr', null, h('th', {scope: 'col'}, 'Time'), order.map(i => h('th', {scope: 'col', class: 'number'}, series[i].name)))),
        h('tbody', null, rows.map(at => h('tr', null, h('th', {scope: 'row'}, format.clock(times[at] * 1000)),
          order.map(i => h('td', {class: 'number'}, show(columns[i][at])))))))));
  }

  const size = new ResizeObserver(() => {
    if (u === null) {
      rebuild();
    } else if (plot.clientWidth > 0 && u.width !== plot.clientWidth) {
      u.setSize({width: plot.clientWidth, height});
    }
  });
  size.observe(plot);
  const self = {rebuild};
  live.add(self);
  holder.addEventListener('mouseleave', () => {
    tip.hidden = true;
  });
  onLeave(() => {
    size.disconnect();
    live.delete(self);
    u?.destroy();
  });

  return {
    element,
    update(newTimes, newColumns) {
      times = newTimes;
      columns = newColumns.map(column => times.map((_, i) => column[i] ?? null));
      draw();
    },
  };
}

/** A small line without axes, behind a number. */
export function sparkline(onLeave) {
  const canvas = h('canvas', {class: 'spark', 'aria-hidden': 'true'});
  let values = [];
  const draw = () => {
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    const context = canvas.getContext('2d');
    const scale = window.devicePixelRatio || 1;
    canvas.width = width * scale;
    canvas.height = height * scale;
    const known = values.filter(value => value !== null && value !== undefined && Number.isFinite(value));
    if (width === 0 || known.length < 2) {
      return;
    }
    const low = Math.min(...known);
    const high = Math.max(...known);
    const span = high - low || Math.abs(high) || 1;
    const floor = high === low ? low - span / 2 : low;
    context.scale(scale, scale);
    const x = i => i / (values.length - 1) * width;
    const y = value => height - 2 - (value - floor) / span * (height - 4);
    context.strokeStyle = color('--accent');
    context.lineWidth = 1.5;
    context.lineJoin = 'round';
    context.beginPath();
    let down = false;
    values.forEach((value, i) => {
      if (value === null || value === undefined || !Number.isFinite(value)) {
        down = false;
      } else if (down) {
        context.lineTo(x(i), y(value));
      } else {
        context.moveTo(x(i), y(value));
        down = true;
      }
    });
    context.stroke();
  };
  const size = new ResizeObserver(draw);
  size.observe(canvas);
  const self = {rebuild: draw};
  live.add(self);
  onLeave(() => {
    size.disconnect();
    live.delete(self);
  });
  return {
    element: canvas,
    update(next) {
      values = next;
      draw();
    },
  };
}
