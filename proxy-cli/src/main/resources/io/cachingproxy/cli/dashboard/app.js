// The shell: views by the fragment of the URL, theme, token, and the state of the connection.

import * as api from './api.js';
import {h, icon, replace, text} from './dom.js';
import {button, drawer, facts, failure, field, notice, pageHead} from './ui.js';
import * as format from './format.js';

const VIEWS = [
  ['overview', 'Overview', 'o', 'Monitor'],
  ['live', 'Live', 'l', 'Monitor'],
  ['top', 'Top URLs', 't', 'Monitor'],
  ['sites', 'Sites & rules', 's', 'Monitor'],
  ['shadow', 'Shadow', 'h', 'Monitor'],
  ['origins', 'Origins', 'r', 'Monitor'],
  ['entries', 'Entries', 'e', 'Cache'],
  ['purge', 'Purge', 'p', 'Cache'],
  ['explain', 'Explain', 'x', 'Cache'],
  ['configuration', 'Configuration', 'c', 'Instance'],
  ['nodes', 'Nodes', 'n', 'Instance'],
  ['about', 'About', 'a', 'Instance'],
];

const main = document.getElementById('main');
const nav = document.getElementById('nav');
const menu = document.getElementById('menu');

let cleanups = [];
let current = 0;
let asking = false;

function place() {
  const [name, query = ''] = location.hash.replace(/^#\/?/, '').split('?', 2);
  const view = VIEWS.find(([id]) => id === name) ?? VIEWS[0];
  return {view: view[0], parameters: new URLSearchParams(query)};
}

function leave() {
  current++;
  cleanups.forEach(cleanup => cleanup());
  cleanups = [];
}

/** What a view gets: it ends with the view. */
function context(parameters) {
  const controller = new AbortController();
  cleanups.push(() => controller.abort());
  return {
    parameters,
    signal: controller.signal,
    onLeave: cleanup => cleanups.push(cleanup),
    /** Runs now and then every so many milliseconds, while the page is visible; one at a time. */
    every(interval, action) {
      let running = false;
      let last = -Infinity;
      const run = async () => {
        if (running || document.hidden || controller.signal.aborted) {
          return;
        }
        running = true;
        last = performance.now();
        try {
          await action();
        } catch (error) {
          if (error.name !== 'AbortError' && !(error instanceof api.ApiError)) {
            throw error;
          }
        } finally {
          running = false;
        }
      };
      const timer = setInterval(run, interval);
      const shown = () => !document.hidden && performance.now() - last > interval && run();
      document.addEventListener('visibilitychange', shown);
      cleanups.push(() => {
        clearInterval(timer);
        document.removeEventListener('visibilitychange', shown);
      });
      run();
      return run;
    },
  };
}

async function show({focus = true} = {}) {
  leave();
  asking = false;
  const turn = current;
  const {view, parameters} = place();
  for (const item of nav.querySelectorAll('a')) {
    if (item.dataset.view === view) {
      item.setAttribute('aria-current', 'page');
    } else {
      item.removeAttribute('aria-current');
    }
  }
  toggleMenu(false);
  const module = await import('./views/' + view + '.js');
  if (turn !== current) {
    return;
  }
  const root = h('div', {class: 'view view-' + view});
  replace(main, root);
  try {
    module.show(root, context(parameters));
  } catch (error) {
    replace(root, failure(error));
    throw error;
  }
  window.scrollTo(0, 0);
  if (focus) {
    document.getElementById('title')?.focus({preventScroll: true});
  }
}

function toggleMenu(open) {
  menu.setAttribute('aria-expanded', String(open));
  document.body.classList.toggle('menu-open', open);
}

function drawNav() {
  const groups = [...new Set(VIEWS.map(view => view[3]))];
  replace(nav, groups.map(group => [
    h('p', {class: 'nav-group', id: 'nav-' + group}, group),
    h('ul', {'aria-labelledby': 'nav-' + group}, VIEWS.filter(view => view[3] === group).map(([id, name]) =>
      h('li', null, h('a', {href: '#/' + id, 'data-view': id}, icon(id), name)))),
  ]));
}

// Theme: that of the system, light, or dark.

const THEMES = ['system', 'light', 'dark'];

function theme() {
  return document.documentElement.dataset.theme ?? 'system';
}

function useTheme(chosen) {
  if (chosen === 'system') {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = chosen;
  }
  try {
    localStorage.setItem('caching-proxy.theme', chosen);
  } catch {
    // Storage is off: for this page only.
  }
  window.dispatchEvent(new Event('themechange'));
}

const status = h('span', {class: 'status-text'}, 'Connecting');
const statusDot = h('span', {class: 'dot', 'aria-hidden': 'true'});
const version = h('span', {class: 'muted small'});
const uptime = h('span', {class: 'muted small'});

function drawFoot() {
  const group = h('div', {class: 'segmented icons', role: 'group', 'aria-label': 'Theme'});
  const draw = () => replace(group, THEMES.map(name => h('button', {
    type: 'button', 'aria-pressed': String(name === theme()), 'aria-label': name + ' theme', title: name + ' theme', 'data-key': name,
    onclick: () => {
      useTheme(name);
      draw();
    },
  }, icon({system: 'system', light: 'sun', dark: 'moon'}[name], 16))));
  draw();
  replace(document.getElementById('foot'), h('div', {class: 'status'}, statusDot, h('div', null, status, version, uptime)),
    h('div', {class: 'foot-row'}, group, h('button', {type: 'button', class: 'button ghost icon keys-button', 'aria-label': 'Keyboard', title: 'Keyboard (?)', onclick: showKeys}, h('kbd', null, '?'))));
}

function reached(yes) {
  text(status, yes ? 'Connected' : 'Not reachable');
  statusDot.className = 'dot ' + (yes ? 'good' : 'bad');
}

async function identify() {
  const stats = await api.get('api/stats');
  text(version, 'Version ' + stats.version);
  text(uptime, 'Up ' + format.duration(stats.uptime));
}

// Token: asked for once the listener requires it.

function askToken(wrong) {
  if (asking) {
    return;
  }
  leave();
  asking = true;
  api.useToken(null);
  const input = h('input', {type: 'password', name: 'token', required: true, autocomplete: 'off', spellcheck: 'false'});
  const form = h('form', {class: 'card form narrow', onsubmit: event => {
    event.preventDefault();
    api.useToken(input.value.trim());
    show();
    identify().catch(() => {});
  }},
    wrong && notice('error', 'The listener refused this token'),
    field('Token', input, 'The content of the file that --admin-token-file or --admin-read-token-file names. It is kept in this tab until the tab is closed.'),
    h('div', {class: 'actions'}, button('Sign in', null, {kind: 'primary', type: 'submit'})));
  text(status, 'Token required');
  statusDot.className = 'dot warn';
  replace(main, h('div', {class: 'view'}, pageHead('Sign in', 'This admin listener requires a token.'), form));
  input.focus();
}

// Keys: g and a letter goes to a view, / searches, ? lists the keys.

function showKeys() {
  drawer('Keyboard', facts([
    ...VIEWS.map(([, name, key]) => [name, [h('kbd', null, 'g'), ' ', h('kbd', null, key)]]),
    ['Search', h('kbd', null, '/')], ['Close a panel', h('kbd', null, 'Esc')], ['This list', h('kbd', null, '?')],
  ]));
}

function keys() {
  let waiting = 0;
  document.addEventListener('keydown', event => {
    const target = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest?.('input, textarea, select, dialog')) {
      return;
    }
    if (event.key === 'g') {
      waiting = performance.now();
    } else if (event.key === '/') {
      const search = main.querySelector('input[type=search]');
      if (search) {
        event.preventDefault();
        search.focus();
      }
    } else if (event.key === '?') {
      showKeys();
    } else if (performance.now() - waiting < 1500) {
      waiting = 0;
      const view = VIEWS.find(([, , key]) => key === event.key);
      if (view) {
        location.hash = '#/' + view[0];
      }
    }
  });
}

function start() {
  drawNav();
  drawFoot();
  keys();
  api.onReached(reached);
  api.onRefused(askToken);
  menu.addEventListener('click', () => toggleMenu(menu.getAttribute('aria-expanded') !== 'true'));
  document.addEventListener('keydown', event => {
    if (event.key === 'Escape' && menu.getAttribute('aria-expanded') === 'true') {
      toggleMenu(false);
      menu.focus();
    }
  });
  document.getElementById('skip').addEventListener('click', event => {
    event.preventDefault();
    main.focus();
  });
  window.addEventListener('hashchange', () => show());
  show({focus: false});
  identify().catch(() => {});
  setInterval(() => !document.hidden && !asking && identify().catch(() => {}), 15000);
}

start();
