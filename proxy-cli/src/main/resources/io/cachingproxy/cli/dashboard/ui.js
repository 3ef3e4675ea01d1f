// The parts that views are made of.

import {h, icon, replace} from './dom.js';
import * as format from './format.js';
import {OUTCOMES, outcomeName, isOutcome, reasonMeaning, total} from './outcomes.js';

export function pageHead(title, description, ...actions) {
  document.title = title + ' · caching-proxy';
  return h('div', {class: 'page-head'},
    h('div', {class: 'page-title'}, h('h1', {id: 'title', tabindex: '-1'}, title), description && h('p', {class: 'muted'}, description)),
    actions.length > 0 && h('div', {class: 'actions'}, actions));
}

let ids = 0;

export function uniqueId(prefix) {
  return prefix + '-' + ++ids;
}

export function card(title, options, ...children) {
  const {description, actions, className = '', level = 'h2'} = options ?? {};
  const id = uniqueId('card');
  return h('section', {class: ('card ' + className).trim(), 'aria-labelledby': title ? id : null},
    title && h('div', {class: 'card-head'},
      h('div', null, h(level, {id, class: 'card-title'}, title), description && h('p', {class: 'muted small'}, description)),
      actions && h('div', {class: 'actions'}, actions)),
    children);
}

export function button(label, onclick, {kind = 'secondary', iconName, key, disabled, small, title, type = 'button', describedBy} = {}) {
  return h('button', {type, class: 'button ' + kind + (small ? ' small' : ''), onclick, 'data-key': key, disabled, title, 'aria-describedby': describedBy},
    iconName && icon(iconName, small ? 15 : 17), label);
}

export function iconButton(label, iconName, onclick, {key, className = ''} = {}) {
  return h('button', {type: 'button', class: 'button ghost icon ' + className, onclick, 'aria-label': label, title: label, 'data-key': key}, icon(iconName));
}

export function link(label, href, key) {
  return h('a', {href, class: 'link', 'data-key': key}, label);
}

/** Explains the request of a client; nothing for a URL whose secrets are redacted, because it is another URL. */
export function explainLink(it, key) {
  return it.url.includes('***') ? null
    : link('Explain', '#/explain?url=' + encodeURIComponent(it.url) + (it.method ? '&method=' + encodeURIComponent(it.method) : ''), key);
}

export function badge(label, tone) {
  return h('span', {class: 'badge tone-' + tone}, h('span', {class: 'dot', 'aria-hidden': 'true'}), label);
}

export function outcomeBadge(id) {
  return h('span', {class: 'badge'}, h('span', {class: 'dot fill-' + (isOutcome(id) ? id : 'generated'), 'aria-hidden': 'true'}), outcomeName(id));
}

/** The token of a reason; its meaning is the title, and text for screen readers. */
export function reason(token) {
  if (!token) {
    return h('span', {class: 'muted'}, '–');
  }
  return h('span', {class: 'reason', title: reasonMeaning(token) || null}, h('code', null, token));
}

/** A URL, as text. */
export function url(value, {wrap = false} = {}) {
  return h('span', {class: wrap ? 'url wrap' : 'url', title: wrap ? null : value}, value);
}

/** A choice of one of a few values. */
export function segmented(label, options, chosen, onChange) {
  const group = h('div', {class: 'segmented', role: 'group', 'aria-label': label});
  const draw = value => {
    replace(group, options.map(([id, name]) => h('button', {
      type: 'button', 'aria-pressed': String(id === value), 'data-key': label + id,
      onclick: () => {
        draw(id);
        onChange(id);
      },
    }, name)));
  };
  draw(chosen);
  return group;
}

/**
 * A table; on a phone, a list of its rows.
 *
 * @param columns {name, cell: row => node or text, number?, className?, hideName?}
 */
export function table(caption, columns, rows, {rowClass, onRow, rowLabel} = {}) {
  return h('div', {class: 'table-wrap'},
    h('table', {role: 'table'},
      h('caption', {class: 'sr'}, caption),
      h('thead', {role: 'rowgroup'}, h('tr', {role: 'row'},
        columns.map(column => h('th', {role: 'columnheader', scope: 'col', class: column.number ? 'number' : null},
          column.hideName ? h('span', {class: 'sr'}, column.name) : column.name)))),
      h('tbody', {role: 'rowgroup'}, rows.map(row => h('tr', {role: 'row', class: [rowClass?.(row), onRow && 'clickable'].filter(Boolean).join(' ') || null,
        onclick: onRow && (event => {
          if (!event.target.closest('button, a')) {
            onRow(row);
          }
        })},
        columns.map(column => h('td', {
          role: 'cell', 'data-label': column.hideName ? null : column.name,
          class: [column.number && 'number', column.className].filter(Boolean).join(' ') || null,
        }, column.cell(row))))))));
}

/** A bar of parts of a whole, with the shares in words. */
export function outcomeBar(counts) {
  const all = total(counts);
  const parts = OUTCOMES.filter(({id}) => counts?.[id] > 0);
  const bar = h('div', {class: 'bar', role: 'img', 'aria-label': all === 0 ? 'no requests'
    : parts.map(({id, name}) => name + ' ' + format.percent(counts[id] / all)).join(', ')});
  for (const {id, name} of parts) {
    const part = h('span', {class: 'fill-' + id, title: name + ' ' + format.count(counts[id]) + ' (' + format.percent(counts[id] / all) + ')'});
    part.style.flexGrow = String(Math.max(counts[id] / all, 0.005));
    bar.append(part);
  }
  return bar;
}

/** Names and counts as horizontal bars, the longest first. */
export function ranking(counts, {name, detail, empty}) {
  const entries = Object.entries(counts ?? {}).filter(([, value]) => value > 0).sort((one, other) => other[1] - one[1]);
  if (entries.length === 0) {
    return emptyState(empty);
  }
  const most = entries[0][1];
  const all = entries.reduce((sum, [, value]) => sum + value, 0);
  return h('ul', {class: 'ranking'}, entries.map(([id, value]) => {
    const fill = h('span', {class: 'ranking-fill', 'aria-hidden': 'true'});
    fill.style.width = 100 * value / most + '%';
    return h('li', null,
      h('div', {class: 'ranking-line'}, h('span', {class: 'ranking-name'}, name(id)),
        h('span', {class: 'number'}, format.count(value), h('span', {class: 'muted'}, ' · ' + format.percent(value / all)))),
      h('div', {class: 'ranking-track'}, fill),
      detail?.(id) && h('p', {class: 'muted small'}, detail(id)));
  }));
}

export function emptyState(title, detail, ...actions) {
  return h('div', {class: 'empty'}, h('p', {class: 'empty-title'}, title), detail && h('p', {class: 'muted'}, detail), actions);
}

export function loading() {
  return h('div', {class: 'loading', role: 'status'}, h('span', {class: 'sr'}, 'Loading'),
    h('span', {class: 'skeleton'}), h('span', {class: 'skeleton'}), h('span', {class: 'skeleton short'}));
}

export function notice(kind, title, ...detail) {
  const name = kind === 'error' || kind === 'warning' ? 'alert' : kind === 'success' ? 'check' : 'about';
  return h('div', {class: 'notice ' + kind, role: kind === 'error' ? 'alert' : null}, icon(name), h('div', null, h('p', {class: 'notice-title'}, title), detail));
}

/** What is shown where a request failed. */
export function failure(error, retry) {
  if (error.status === undefined) {
    throw error; // a defect
  }
  if (error.status === 404) {
    return emptyState('Not available', 'This instance does not have these data.');
  }
  return notice('error', error.message, retry && button('Try again', retry, {small: true, iconName: 'refresh'}));
}

export function lines(items) {
  return h('ul', {class: 'lines'}, items.map(item => h('li', null, item)));
}

/** Pairs of names and values. */
export function facts(pairs) {
  return h('dl', {class: 'facts'}, pairs.filter(pair => pair && pair[1] !== undefined && pair[1] !== null)
    .map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))));
}

export function field(label, control, hint) {
  control.id ||= uniqueId('field');
  const hintId = hint && uniqueId('hint');
  if (hintId) {
    control.setAttribute('aria-describedby', hintId);
  }
  return h('div', {class: 'field'}, h('label', {for: control.id}, label), control, hint && h('p', {class: 'muted small', id: hintId}, hint));
}

export function checkbox(label, name, checked, hint) {
  const id = uniqueId('check');
  return h('div', {class: 'check'}, h('input', {type: 'checkbox', id, name, checked}), h('label', {for: id}, label, hint && h('span', {class: 'muted small'}, hint)));
}

/** A message that stays for some seconds, and is read by screen readers. */
export function toast(message, tone = 'success') {
  const item = h('div', {class: 'toast ' + tone}, icon(tone === 'success' ? 'check' : 'alert'), h('span', null, message));
  document.getElementById('toasts').append(item);
  setTimeout(() => item.remove(), 6000);
}

/** A dialog beside the page; returns a function that closes it. */
export function drawer(title, content, onClose) {
  const id = uniqueId('dialog');
  const dialog = h('dialog', {class: 'drawer', 'aria-labelledby': id});
  const before = document.activeElement;
  dialog.append(
    h('div', {class: 'drawer-head'}, h('h2', {id}, title), iconButton('Close', 'close', () => dialog.close())),
    h('div', {class: 'drawer-body'}, content));
  dialog.addEventListener('click', event => {
    if (event.target === dialog) {
      dialog.close();
    }
  });
  dialog.addEventListener('close', () => {
    dialog.remove();
    before?.focus?.({preventScroll: true});
    onClose?.();
  });
  document.body.append(dialog);
  dialog.showModal();
  return () => dialog.close();
}

/** Asks before something that cannot be undone. */
export function confirmation(title, detail, action) {
  return new Promise(resolve => {
    const id = uniqueId('dialog');
    let agreed = false;
    const dialog = h('dialog', {class: 'modal', 'aria-labelledby': id},
      h('h2', {id}, title), h('div', {class: 'modal-body'}, detail),
      h('div', {class: 'actions end'},
        button('Cancel', () => dialog.close()),
        button(action, () => {
          agreed = true;
          dialog.close();
        }, {kind: 'danger'})));
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(agreed);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
