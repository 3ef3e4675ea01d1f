// Elements are built, never parsed: every text becomes a text node, so that values of clients and origins stay text.

const SVG = 'http://www.w3.org/2000/svg';

/** Attributes that take a text; anything else is refused, URLs and event handlers first of all. */
const ATTRIBUTES = new Set([
  'class', 'id', 'type', 'name', 'value', 'placeholder', 'for', 'title', 'role', 'scope', 'tabindex', 'rows', 'min', 'max', 'step',
  'autocomplete', 'spellcheck', 'maxlength', 'list', 'colspan', 'inputmode', 'enterkeyhint', 'datetime', 'lang',
]);

function set(element, name, value) {
  if (value === undefined || value === null || value === false) {
    return;
  }
  if (name.startsWith('on')) {
    element.addEventListener(name.slice(2), value);
  } else if (name === 'href') {
    if (!/^(#|\/(?!\/))/.test(value)) {
      throw new Error('only links within the dashboard');
    }
    element.setAttribute('href', value);
  } else if (['checked', 'disabled', 'required', 'open', 'hidden', 'selected', 'readOnly'].includes(name)) {
    element[name] = true;
  } else if (name.startsWith('aria-') || name.startsWith('data-') || ATTRIBUTES.has(name)) {
    element.setAttribute(name, value === true ? '' : String(value));
  } else {
    throw new Error('attribute ' + name);
  }
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child instanceof Node) {
      element.append(child);
    } else if (child !== undefined && child !== null && child !== false) {
      element.append(document.createTextNode(String(child)));
    }
  }
}

/** An element with attributes and children; children that are no nodes become text. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    set(element, name, value);
  }
  append(element, children);
  return element;
}

const ICONS = {
  overview: 'M3 16.5V10m4.7 6.5V4m4.6 12.5V8m4.7 8.5V6',
  live: 'M2 10h3.5L8 4l4 12 2.5-6H18',
  top: 'M4 5h12M4 10h8M4 15h5',
  sites: 'M10 2.5 17 6.2v7.6L10 17.5 3 13.8V6.2zM3 6.2l7 3.8 7-3.8M10 10v7.5',
  shadow: 'M3 3h10v10H3zM7 13v4h10V7h-4',
  origins: 'M3.5 4h13v4.5h-13zM3.5 11.5h13V16h-13zM6.5 6.3h.01M6.5 13.8h.01',
  entries: 'M3.5 5c0-1.4 2.9-2.5 6.5-2.5s6.5 1.1 6.5 2.5-2.9 2.5-6.5 2.5S3.5 6.4 3.5 5zm0 0v10c0 1.4 2.9 2.5 6.5 2.5s6.5-1.1 6.5-2.5V5m-13 5c0 1.4 2.9 2.5 6.5 2.5s6.5-1.1 6.5-2.5',
  purge: 'M3.5 5.5h13M8 5.5v-2h4v2m-7 0 .8 11.5h8.4L15 5.5M8.3 8.8l.3 5m3.1-5-.3 5',
  explain: 'M7.3 7.5a2.8 2.8 0 1 1 4.2 2.4c-.9.5-1.5 1.1-1.5 2.1m0 2.6h.01M17.5 10a7.5 7.5 0 1 1-15 0 7.5 7.5 0 0 1 15 0z',
  configuration: 'M3 5.5h8m4 0h2M3 14.5h2m4 0h8M13 3.5v4m-6 5v4M3 10h2.5m3.5 0h8M7.2 8v4',
  nodes: 'M10 3.2a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM5 12.8a2 2 0 1 1 0 4 2 2 0 0 1 0-4zm10 0a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM9 7l-3 6m5-6 3 6m-7 1.8h6',
  about: 'M10 9v5m0-7.5h.01M17.5 10a7.5 7.5 0 1 1-15 0 7.5 7.5 0 0 1 15 0z',
  search: 'M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12zm4.3-1.7L17.5 17.5',
  sun: 'M10 13.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM10 1.8v1.7m0 13v1.7M1.8 10h1.7m13 0h1.7M4.2 4.2l1.2 1.2m9.2 9.2 1.2 1.2m0-11.6-1.2 1.2m-9.2 9.2-1.2 1.2',
  moon: 'M16.5 12.2A7 7 0 0 1 7.8 3.5a7 7 0 1 0 8.7 8.7z',
  system: 'M2.5 4h15v9.5h-15zM7 17h6m-3-3.5V17',
  pause: 'M7 4.5v11m6-11v11',
  play: 'M6 4.2v11.6L15.5 10z',
  refresh: 'M16 6.5A7 7 0 1 0 17 10m-.7-6.5v3.3H13',
  close: 'M5 5l10 10M15 5 5 15',
  next: 'M7.5 4.5 13 10l-5.5 5.5',
  previous: 'M12.5 4.5 7 10l5.5 5.5',
  check: 'M4 10.5l4 4 8-9',
  alert: 'M10 7.5v3.7m0 2.6h.01M8.7 3.3 1.9 15a1.5 1.5 0 0 0 1.3 2.3h13.6a1.5 1.5 0 0 0 1.3-2.3L11.3 3.3a1.5 1.5 0 0 0-2.6 0z',
  minus: 'M5 10h10',
  key: 'M12.5 12a4.5 4.5 0 1 0-4.3-3.2L2.5 14.5v3h3v-2h2v-2l2-2c.9.3 1.9.5 3 .5zM13.7 6.3h.01',
};

/** An icon, without a name for screen readers. */
export function icon(name, size = 18) {
  const svg = document.createElementNS(SVG, 'svg');
  for (const [key, value] of Object.entries({viewBox: '0 0 20 20', width: size, height: size, 'aria-hidden': 'true'})) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('class', 'line');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

/** Replaces the children of an element, and keeps the focus on the element with the same data-key. */
export function replace(parent, ...children) {
  const focused = parent.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  parent.replaceChildren();
  append(parent, children);
  if (focused) {
    for (const element of parent.querySelectorAll('[data-key]')) {
      if (element.dataset.key === focused) {
        element.focus({preventScroll: true});
        break;
      }
    }
  }
}

/** Sets a text if it is another one: screen readers and selections are not disturbed by what stays. */
export function text(element, value) {
  const wanted = String(value);
  if (element.textContent !== wanted) {
    element.textContent = wanted;
  }
}
