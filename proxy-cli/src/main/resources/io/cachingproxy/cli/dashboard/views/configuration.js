import * as api from '../api.js';
import {h, icon, replace} from '../dom.js';
import * as format from '../format.js';
import {badge, button, card, emptyState, facts, failure, field, lines, loading, notice, outcomeBar, pageHead, reason, table, toast, url} from '../ui.js';

function plain(text) {
  return /^[A-Za-z0-9_./-][\w ./:*+=,@-]*$/.test(text) && !/: |\s$|:$/.test(text) && !text.startsWith('- ');
}

function scalar(value) {
  const text = String(value);
  return typeof value === 'string' && !plain(text) ? JSON.stringify(text) : text;
}

function flat(value) {
  return typeof value !== 'object' || value === null;
}

/** A value as YAML, in the order of its keys. */
function yaml(value, indent = '') {
  if (Array.isArray(value)) {
    return value.map(item => flat(item) ? indent + '- ' + scalar(item) + '\n' : indent + '- ' + yaml(item, indent + '  ').slice(indent.length + 2)).join('');
  }
  return Object.entries(value).map(([key, item]) => {
    if (flat(item)) {
      return indent + key + ': ' + scalar(item) + '\n';
    }
    if (Array.isArray(item) && item.every(flat)) {
      return indent + key + ': [' + item.map(scalar).join(', ') + ']\n';
    }
    return indent + key + ':\n' + yaml(item, indent + '  ');
  }).join('');
}

/** The lines of a YAML text, with keys apart from values. */
function highlighted(source) {
  return source.replace(/\n$/, '').split('\n').map(line => {
    const match = line.match(/^(\s*(?:- )?)([\w.-]+)(:)((?: .*)?)$/);
    return h('span', {class: 'code-line'}, match ? [match[1], h('span', {class: 'code-key'}, match[2]), match[3], match[4]] : line, '\n');
  });
}

const SIGNS = {'+': ['ins', 'diff-added', 'Added: '], '-': ['del', 'diff-removed', 'Removed: ']};

/** A line of a unified diff: what the sign means is also said, and is no matter of colour alone. */
function diffLine(line) {
  const [tag, name, spoken] = SIGNS[line[0]] ?? ['span', line.startsWith('@@') ? 'diff-place' : '', ''];
  const sign = line.startsWith('@@') ? '' : line[0] === '-' ? '−' : line[0];
  return h(tag, {class: ('code-line ' + name).trim()}, spoken && h('span', {class: 'sr'}, spoken),
    sign && h('span', {'aria-hidden': 'true'}, sign + ' '), sign ? line.slice(1) : line, '\n');
}

/** What differs from the configuration in use, in the file or the text; nothing without a configuration file in use. */
function changes(diff, where) {
  if (!diff) {
    return false;
  }
  if (diff.lines.length === 0) {
    return h('p', {class: 'muted'}, 'The content is that of the configuration in use.');
  }
  return h('div', {class: 'stack tight diff'},
    h('p', null, format.plural(diff.added, 'line') + ' added, ' + format.exact(diff.removed) + ' removed.',
      !diff.complete && ' Not all differences are shown: the files are too long.'),
    h('pre', {class: 'code-block', tabindex: '0', role: 'region', 'aria-label': 'Differences of the ' + where + ' from the configuration in use'},
      h('code', null, diff.lines.slice(2).map(diffLine))));
}

function outcome(it, success, title, where = 'file') {
  return h('div', {class: 'stack tight'}, verdict(it, success, title), changes(it.diff, where));
}

function verdict(it, success, title) {
  if (it[success]) {
    return notice(it.warnings?.length || it.restart?.length ? 'warning' : 'success', title,
      h('p', null, format.plural(it.sites, 'site') + ', ' + format.plural(it.rules, 'rule')),
      it.restart?.length > 0 && lines(it.restart), it.warnings?.length > 0 && lines(it.warnings));
  }
  return notice('error', success === 'valid' ? 'The file has errors' : 'Not reloaded: nothing has changed', lines(it.errors ?? []));
}

function ratio(name, before, after) {
  const change = after - before;
  return [name, h('span', null, format.percent(before), ' → ', h('strong', null, format.percent(after)), ' ',
    h('span', {class: change > 0.0005 ? 'text-good' : change < -0.0005 ? 'text-bad' : 'muted'},
      (change > 0 ? '+' : change < 0 ? '−' : '±') + (100 * Math.abs(change)).toFixed(1) + ' points'))];
}

function storing(title, rows, other) {
  return rows.length > 0 && h('div', {class: 'stack tight'}, h('h3', {class: 'subhead'}, title), table(title, [
    {name: 'URL', className: 'url-cell', cell: row => url(row.url)},
    {name: 'Requests', number: true, cell: row => format.count(row.requests)},
    {name: other, cell: row => reason(row.reason)},
    {name: 'Warnings', cell: row => row.warnings?.length ? row.warnings.map(warning => badge(warning, 'warn')) : h('span', {class: 'muted'}, 'none')},
  ], rows));
}

function keys(title, rows) {
  return rows.length > 0 && h('div', {class: 'stack tight'}, h('h3', {class: 'subhead'}, title),
    lines(rows.map(row => [h('code', {class: 'wrap'}, row.key), h('ul', {class: 'lines indent'}, row.keys.map(key => h('li', null, h('code', {class: 'wrap muted'}, key))))])));
}

/** What another configuration would do with recent traffic. */
function effect(it) {
  if (it.recorded === 0) {
    return h('div', {class: 'stack tight'}, changes(it.diff, 'text'), notice('info', 'No requests were recorded yet'));
  }
  const differences = [
    storing('Newly stored', it['newly-stored'], 'Reason so far'),
    storing('No longer stored', it['no-longer-stored'], 'Reason then'),
    keys('Keys that merge', it['keys-merged']),
    keys('Keys that split', it['keys-split']),
  ].filter(Boolean);
  return h('div', {class: 'stack preview'},
    changes(it.diff, 'text'),
    facts([
      ['Recorded', [format.exact(it.recorded) + ' requests since ' + format.dateTime(it.from), it['share-of-paths'] < 1 && h('span', {class: 'muted'}, ', of ' + format.percent(it['share-of-paths']) + ' of the paths')]],
      ratio('Hit ratio', it.before['hit-ratio'].requests, it.after['hit-ratio'].requests),
      ratio('Byte hit ratio', it.before['hit-ratio'].bytes, it.after['hit-ratio'].bytes),
      ['Before', outcomeBar(it.before.requests)],
      ['After', outcomeBar(it.after.requests)],
    ]),
    it.restart?.length > 0 && notice('warning', 'Changes that need a restart', lines(it.restart)),
    it.warnings?.length > 0 && notice('warning', 'Warnings', lines(it.warnings)),
    differences.length > 0 ? differences : h('p', {class: 'muted'}, 'The same responses are stored under the same keys.'));
}

function evidence(rows) {
  return table('Inputs without an effect on the body', [
    {name: 'No effect on the body', cell: row => h('code', {class: 'wrap'}, row.input)},
    {name: 'Values', number: true, cell: row => format.count(row.values)},
    {name: 'Comparisons', number: true, cell: row => format.count(row.comparisons)},
  ], rows);
}

function rule(source, name) {
  return source && h('pre', {class: 'code-block', tabindex: '0', role: 'region', 'aria-label': 'Rule ' + name}, h('code', null, highlighted(source)));
}

function named(title, items) {
  return items.length > 0 && h('p', {class: 'muted small'}, title + ': ', items.slice(0, 10).map((item, index) => [index > 0 && ', ', h('code', {class: 'wrap'}, item)]),
    items.length > 10 && ' and ' + (items.length - 10) + ' more');
}

/** What recorded responses say about the cache key of a site; a rule is shown once for all that it is about. */
function advised(site) {
  const shown = new Set();
  const once = it => {
    const isNew = !shown.has(it.rule);
    shown.add(it.rule);
    return isNew ? rule(it.rule, it.name ?? 'for ' + it.input) : it.rule && h('p', {class: 'muted small'}, 'The rule is shown above.');
  };
  return h('div', {class: 'stack tight'}, h('h3', {class: 'subhead'}, site.name),
    h('p', {class: 'muted small'}, format.plural(site.responses, 'response') + ' of ' + format.plural(site.paths, 'path') + ' compared'),
    site.advice.length === 0 && site.warnings.length === 0 && h('p', {class: 'muted'}, 'No advice: there is no better key, or there are too few comparisons.'),
    site.advice.map(it => h('div', {class: 'stack tight'}, evidence(it['without-effect']), named('Changes the body', it['with-effect']),
      once(it), it.note && h('p', {class: 'muted small'}, it.note))),
    site.warnings.map(it => notice('warning', it.text, named('At', it.paths), once(it))),
    named('Left out, their bodies change with equal requests', site.changing), named('Left out, values of an input did not repeat', site.unclear));
}

export function show(root, view) {
  const effective = h('div', null, loading());
  const last = h('div', null, loading());
  const answer = h('div', {'aria-live': 'polite'});
  const text = h('textarea', {name: 'configuration', rows: 10, spellcheck: 'false', class: 'code', placeholder: 'origins:\n  shop:\n    servers: [http://10.0.0.1:8080]'});
  const checked = h('div', {'aria-live': 'polite'});
  const advice = h('div', {class: 'stack', 'aria-live': 'polite'});

  async function load() {
    try {
      const it = await api.get('api/config', view.signal);
      replace(effective, it.configuration
        ? h('pre', {class: 'code-block', tabindex: '0', role: 'region', 'aria-label': 'Effective configuration as YAML'}, h('code', null, highlighted(yaml(it.configuration))))
        : emptyState('No configuration file', 'The proxy was started without --config: its options are those of the command line.'));
      replace(last, facts([
        ['File', it.file ? h('code', {class: 'wrap'}, it.file) : 'none'],
        ['Last reload', it.reload ? [badge(it.reload.reloaded ? 'Succeeded' : 'Refused', it.reload.reloaded ? 'good' : 'bad'), ' ', format.dateTime(it.reload.time)] : 'not since the start'],
      ]), it.reload && !it.reload.reloaded && outcome(it.reload, 'reloaded', ''));
    } catch (error) {
      if (error.name !== 'AbortError') {
        replace(effective, failure(error, load));
        replace(last);
      }
    }
  }

  async function act(target, path, success, title, body) {
    replace(target, loading());
    try {
      const it = await api.post(path, body, [409, 422]);
      replace(target, outcome(it, success, title, body ? 'text' : 'file'));
      if (success === 'reloaded') {
        toast(it.reloaded ? 'Configuration reloaded' : 'Configuration not reloaded', it.reloaded ? 'success' : 'error');
        load();
      }
    } catch (error) {
      replace(target, failure(error));
    }
  }

  async function advise() {
    replace(advice, loading());
    try {
      const it = await api.get('api/key-advice', view.signal);
      replace(advice, it.sites.length ? it.sites.map(advised) : notice('info', 'No responses were recorded yet'));
    } catch (error) {
      if (error.name !== 'AbortError') {
        replace(advice, failure(error));
      }
    }
  }

  async function preview() {
    replace(checked, loading());
    try {
      const it = await api.post('api/config/preview', text.value, [409, 422]);
      replace(checked, it.valid ? effect(it) : outcome(it, 'valid', ''));
    } catch (error) {
      replace(checked, failure(error));
    }
  }

  root.append(
    pageHead('Configuration', 'The configuration in use. Credentials are not shown.',
      button('Check the file', () => act(answer, 'api/config/check', 'valid', 'The file on disk has no errors, and its tests pass'), {iconName: 'check'}),
      button('Reload', () => act(answer, 'api/config/reload', 'reloaded', 'The new configuration is in effect'), {kind: 'primary', iconName: 'refresh'})),
    answer,
    card('File', null, last),
    card('Effective configuration', null, effective),
    card('Try a configuration', {description: 'Checks a text and runs its tests, or replays recent requests with it. Nothing changes.'},
      h('form', {class: 'form', onsubmit: event => {
        event.preventDefault();
        if (text.value.trim() && event.submitter?.value === 'preview') {
          preview();
        } else if (text.value.trim()) {
          act(checked, 'api/config/check', 'valid', 'No errors, and the tests pass', text.value);
        } else {
          replace(checked, notice('error', 'Paste a configuration first'));
        }
      }}, field('Configuration, as YAML', text), h('div', {class: 'actions'},
        button('Check', null, {type: 'submit', iconName: 'check'}),
        h('button', {type: 'submit', class: 'button secondary', value: 'preview'}, icon('live', 17), 'Preview'))), checked),
    card('Key advice', {description: 'Inputs of recent requests that never changed a body, and inputs that do and are not in the key, with rules. Nothing changes.',
      actions: [button('Compare bodies', advise, {iconName: 'key'})]}, advice));
  load();
}
