import * as api from '../api.js';
import {h, icon, replace} from '../dom.js';
import * as format from '../format.js';
import {reasonMeaning} from '../outcomes.js';
import {badge, button, card, emptyState, facts, failure, field, loading, notice, pageHead, table} from '../ui.js';

const RESULTS = {
  'hit': ['A stored response answers', 'good'],
  'stale': ['A stale stored response answers', 'warn'],
  'revalidate': ['The stored response is validated at the origin first', 'warn'],
  'complete': ['The rest of a stored partial response is requested', 'warn'],
  'miss': ['The request is forwarded; the response may be stored', 'neutral'],
  'bypass': ['The request is forwarded, and the store is not used', 'bad'],
  'answered': ['The cache itself answers', 'neutral'],
  'stored': ['The response is stored', 'good'],
  'validated': ['The response confirms the stored one', 'good'],
  'validated-and-removed': ['The response confirms the stored one, which is removed', 'warn'],
  'stale-instead': ['A stale stored response is sent in place of the error', 'warn'],
  'not-stored': ['The response is not stored', 'bad'],
};

const EFFECTS = {applied: ['Decides', 'decides'], passed: ['Holds no objection', 'passed']};

const BY = {origin: 'The origin', rule: 'A rule', request: 'The request'};

/** Lines such as "Accept: text/html" as a map of names and lists of values. */
function headers(lines) {
  const map = {};
  for (const line of lines.split('\n').map(it => it.trim()).filter(Boolean)) {
    const colon = line.indexOf(':');
    if (colon < 1) {
      throw new Error('“' + line + '” is no header: write Name: value');
    }
    const name = line.slice(0, colon).trim();
    if (!Object.hasOwn(map, name)) {
      Object.defineProperty(map, name, {value: [], enumerable: true});
    }
    map[name].push(line.slice(colon + 1).trim());
  }
  return map;
}

function settings(rule) {
  const entries = Object.entries(rule.settings ?? {});
  return entries.length === 0 ? h('span', {class: 'muted'}, 'none') : h('ul', {class: 'lines'}, entries.map(([name, value]) => {
    const by = rule.overridden?.[name];
    return h('li', {class: by ? 'overridden' : null}, h('code', null, name), ': ', h('code', {class: 'wrap'}, value), by && h('span', {class: 'muted small block'}, 'overridden by ' + by));
  }));
}

const MATCHES = {
  'matched': ['Matches', 'good'],
  'not-matched': ['Does not match', 'off'],
  'depends-on-response': ['Depends on the response', 'warn'],
};

function steps(verdict) {
  return h('ol', {class: 'steps'}, verdict.steps.map((step, i) => {
    const last = i === verdict.steps.length - 1;
    const [word, className] = EFFECTS[step.effect] ?? [step.effect, 'passed'];
    const kind = last ? 'decides' : className === 'decides' ? 'noted' : className;
    return h('li', {class: 'step ' + kind},
      h('span', {class: 'step-mark'}, icon(kind === 'passed' ? 'check' : last ? 'next' : 'minus', 14)),
      h('div', null,
        h('p', {class: 'step-line'}, h('code', null, step.reason), h('span', {class: 'muted small'}, step.source),
          h('span', {class: 'sr'}, kind === 'passed' ? 'does not apply' : word), last && h('span', {class: 'label strong'}, 'decides')),
        h('p', {class: 'step-inputs'}, step.inputs),
        last && h('p', {class: 'muted small'}, reasonMeaning(step.reason))));
  }));
}

function changes(verdict, goal) {
  if (!verdict.changes?.length) {
    return null;
  }
  return h('div', {class: 'changes'}, h('h3', {class: 'subhead'}, goal), h('ul', null, verdict.changes.map(change =>
    h('li', null, h('span', {class: 'label'}, change.by.map(by => BY[by] ?? by).join(' and ')), h('span', null, 'if ' + change.text)))));
}

function verdict(title, it, goal) {
  const [words, tone] = RESULTS[it.result] ?? [it.result, 'neutral'];
  return card(title, null,
    h('div', {class: 'verdict tone-' + tone}, h('p', {class: 'verdict-title'}, words),
      h('p', null, h('code', null, it.reason), ' ', h('span', null, it.source), it.ttl !== undefined && (it.ttl >= 0 ? ' · fresh for ' + format.duration(it.ttl) : ' · stale for ' + format.duration(-it.ttl)))),
    changes(it, goal), h('h3', {class: 'subhead'}, 'Steps'), steps(it));
}

function result(it) {
  const treatment = card('Treatment', null, facts([
    ['Site', it.site ?? 'no site has this host'],
    ['Policy', it.policy],
    ['Key', h('code', {class: 'wrap'}, it.key)],
    it.status !== undefined && ['Status of the response', it.status],
  ]));
  const variants = card('Stored variants', null, it.variants.length === 0 ? emptyState('Nothing is stored under this key') : [table('Stored variants', [
    {name: 'Variant', cell: variant => variant.selected ? badge('Selected', 'good') : variant.why ? h('code', null, variant.why) : 'not examined'},
    {name: 'Status', number: true, cell: variant => variant.status},
    {name: 'Age', number: true, cell: variant => format.duration(variant.age)},
    {name: 'Fresh for', number: true, cell: variant => format.duration(variant.ttl)},
    {name: 'Selected by', cell: variant => {
      const fields = Object.entries(variant.selecting ?? {});
      return fields.length ? fields.map(([name, value]) => h('div', null, h('code', {class: 'wrap'}, name + ': ' + value))) : h('span', {class: 'muted'}, '–');
    }},
  ], it.variants), it.omitted > 0 && h('p', {class: 'muted small'}, format.plural(it.omitted, 'more variant'))]);
  const rules = card('Rules', {description: 'In the order in which they apply'}, it.rules.length === 0 ? emptyState('The site has no rules') : table('Rules of the site', [
    {name: 'Rule', cell: rule => rule.name, className: 'strong'},
    {name: 'Match', cell: rule => [badge(...MATCHES[rule.result] ?? [rule.result, 'off']), rule.unmet && h('span', {class: 'muted small block'}, 'not met: ', h('code', {class: 'wrap'}, rule.unmet))]},
    {name: 'Settings', cell: settings},
  ], it.rules, {rowClass: rule => rule.result === 'not-matched' ? 'dim' : null}));
  const request = verdict('The request', it.reuse, 'It would be a hit');
  const parts = it.storage ? [[request, treatment, variants], [verdict('The response', it.storage, 'It would be stored')]]
    : [[request], [treatment, variants, notice('info', 'No response is explained', h('p', null, 'Choose where the response comes from, to see whether it is stored.'))]];
  return h('div', {class: 'stack'}, h('div', {class: 'columns even'}, parts.map(part => h('div', {class: 'stack'}, part))),
  rules);
}

export function show(root, view) {
  const from = name => view.parameters.get(name) ?? '';
  const recorded = from('id');
  const method = h('input', {name: 'method', value: from('method') || 'GET', list: 'methods', autocomplete: 'off', spellcheck: 'false', required: true});
  const target = h('input', {name: 'url', type: 'url', value: from('url'), placeholder: 'https://shop.example.com/products/1', required: true, autocomplete: 'off', spellcheck: 'false'});
  const lines = h('textarea', {name: 'headers', rows: 3, placeholder: 'Accept-Language: en\nCookie: session=1', spellcheck: 'false'});
  const status = h('input', {name: 'status', value: '200', inputmode: 'numeric', autocomplete: 'off'});
  const responseLines = h('textarea', {name: 'response-headers', rows: 3, placeholder: 'Cache-Control: max-age=60', spellcheck: 'false'});
  const given = h('div', {class: 'given', hidden: true}, field('Status', status), field('Header fields of the response', responseLines));
  const sources = [['none', 'No response', 'Explains the request alone.'], ['fetch', 'Ask the origin', 'Sends the request to the origin, past the cache.'], ['given', 'This response', 'Explains a response that you write.']];
  const choice = h('fieldset', {class: 'choices'}, h('legend', null, 'Response'), sources.map(([id, name, hint], i) => {
    const input = h('input', {type: 'radio', name: 'source', value: id, id: 'source-' + id, checked: i === 0, onchange: () => {
      given.hidden = id !== 'given';
    }});
    return h('div', {class: 'choice'}, input, h('label', {for: 'source-' + id}, name, h('span', {class: 'muted small'}, hint)));
  }));
  const answer = h('div', {'aria-live': 'polite'});

  async function ask(question) {
    replace(answer, loading());
    try {
      replace(answer, result(await api.post('api/explain', question())));
    } catch (error) {
      replace(answer, failure(error instanceof api.ApiError ? error : new api.ApiError(400, error.message)));
    }
  }

  function run() {
    const source = form.elements.source.value;
    ask(() => {
      const question = {method: method.value.trim(), url: target.value.trim(), headers: headers(lines.value)};
      if (source === 'fetch') {
        question.fetch = true;
      } else if (source === 'given') {
        question.response = {status: Number(status.value), headers: headers(responseLines.value)};
      }
      return question;
    });
  }

  const form = h('form', {class: 'card form', onsubmit: event => {
    event.preventDefault();
    run();
  }},
    h('datalist', {id: 'methods'}, ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'QUERY'].map(value => h('option', {value}))),
    h('div', {class: 'row'}, h('div', {class: 'narrow-field'}, field('Method', method)), field('URL', target, 'As clients request it.')),
    field('Header fields of the request', lines, 'One in a line.'),
    choice, given,
    h('div', {class: 'actions'}, button('Explain', null, {kind: 'primary', type: 'submit', iconName: 'explain'})));

  root.append(pageHead('Explain', 'Why a request is, or is not, answered from the cache. Nothing is stored.'),
    recorded && notice('info', 'A recorded request', h('p', null, 'Request ' + recorded + ' is explained as it reached the cache, with its header fields and its client, by what is stored now. The form below explains a request that you write.')),
    form, answer);
  if (recorded) {
    ask(() => ({id: Number(recorded)}));
  } else if (target.value) {
    run();
  }
}
