// Numbers and times as text. A narrow no-break space stands between a number and its unit.

const SPACE = '\u202f';
const NONE = '–';

function known(value) {
  return typeof value === 'number' && Number.isFinite(value);
}

function digits(value) {
  const places = value >= 100 || value === 0 ? 0 : value >= 10 ? 1 : 2;
  return String(Number(value.toFixed(places)));
}

function scaled(value, base, units) {
  let unit = 0;
  let rest = Math.abs(value);
  while (rest >= base * 0.9995 && unit < units.length - 1) {
    rest /= base;
    unit++;
  }
  const number = (value < 0 ? '−' : '') + (unit === 0 && Number.isInteger(value) ? String(Math.abs(value)) : digits(rest));
  return units[unit] ? number + SPACE + units[unit] : number;
}

export function count(value) {
  return known(value) ? scaled(value, 1000, ['', 'k', 'M', 'G', 'T']) : NONE;
}

export function exact(value) {
  return known(value) ? value.toLocaleString('en-US').replaceAll(',', SPACE) : NONE;
}

export function bytes(value) {
  return known(value) ? scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']) : NONE;
}

export function rate(value) {
  return known(value) ? count(value) + '/s' : NONE;
}

export function byteRate(value) {
  return known(value) ? bytes(value) + '/s' : NONE;
}

/** From milliseconds. */
export function ms(value) {
  if (!known(value)) {
    return NONE;
  }
  if (value >= 1000) {
    return digits(value / 1000) + SPACE + 's';
  }
  return value > 0 && value < 1 ? digits(value * 1000) + SPACE + 'µs' : digits(value) + SPACE + 'ms';
}

/** From 0 to 1. Never 100 % for less than all. */
export function percent(value) {
  if (!known(value)) {
    return NONE;
  }
  const hundred = value * 100;
  const shown = hundred >= 99.95 && value < 1 ? '>99.9' : hundred === 100 || hundred === 0 ? String(hundred) : hundred.toFixed(1);
  return shown + SPACE + '%';
}

/** From seconds. */
export function duration(seconds) {
  if (!known(seconds)) {
    return NONE;
  }
  const sign = seconds < 0 ? '−' : '';
  const all = Math.abs(Math.round(seconds));
  const units = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];
  const first = units.findIndex(([, size]) => all >= size);
  if (first < 0) {
    return '0' + SPACE + 's';
  }
  const [unit, size] = units[first];
  let shown = sign + Math.floor(all / size) + SPACE + unit;
  if (first < 3) {
    const rest = Math.floor((all % size) / units[first + 1][1]);
    if (rest > 0) {
      shown += ' ' + rest + SPACE + units[first + 1][0];
    }
  }
  return shown;
}

const CLOCK = new Intl.DateTimeFormat('en-GB', {hour: '2-digit', minute: '2-digit', second: '2-digit'});
const MINUTE = new Intl.DateTimeFormat('en-GB', {hour: '2-digit', minute: '2-digit'});
const DAY = new Intl.DateTimeFormat('en-GB', {day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit'});

export function clock(time) {
  return CLOCK.format(new Date(time));
}

export function minute(time) {
  return MINUTE.format(new Date(time));
}

export function dateTime(time) {
  return DAY.format(new Date(time));
}

export function plural(number, one, many = one + 's') {
  return exact(number) + ' ' + (number === 1 ? one : many);
}
