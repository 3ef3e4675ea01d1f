// The API of the admin listener. A token is kept for the time of the tab only, and sent as Authorization.

const STORED = 'caching-proxy.token';

let token = null;
try {
  token = sessionStorage.getItem(STORED);
} catch {
  // Storage is off: the token is kept until the page is reloaded.
}

let refused = () => {};
let reached = () => {};

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Calls back when the listener requires a token, or another one. */
export function onRefused(callback) {
  refused = callback;
}

/** Calls back with true or false after each request, as the listener was reached or not. */
export function onReached(callback) {
  reached = callback;
}

export function hasToken() {
  return token !== null;
}

export function useToken(value) {
  token = value;
  try {
    if (value === null) {
      sessionStorage.removeItem(STORED);
    } else {
      sessionStorage.setItem(STORED, value);
    }
  } catch {
    // Storage is off.
  }
}

async function send(path, {method = 'GET', body, type = 'application/json', accept = 'application/json', signal} = {}) {
  const headers = {Accept: accept};
  if (token !== null) {
    headers.Authorization = 'Bearer ' + token;
  }
  if (body !== undefined) {
    headers['Content-Type'] = type;
  }
  let response;
  try {
    response = await fetch(path, {method, body, headers, signal, cache: 'no-store', credentials: 'omit', redirect: 'error'});
  } catch (failure) {
    if (failure.name === 'AbortError') {
      throw failure;
    }
    reached(false);
    throw new ApiError(0, 'The admin listener cannot be reached');
  }
  reached(true);
  if (response.status === 401) {
    refused(token !== null);
    throw new ApiError(401, 'The token is missing or wrong');
  }
  return response;
}

function parsed(content) {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

async function read(response, accepted) {
  const content = await response.text();
  const json = parsed(content);
  if (!response.ok && !(accepted.includes(response.status) && json !== undefined)) {
    throw new ApiError(response.status, content.trim().slice(0, 2000) || 'Status ' + response.status);
  }
  if (json === undefined) {
    throw new ApiError(response.status, 'The answer is not JSON');
  }
  return json;
}

export async function get(path, signal) {
  return read(await send(path, {signal}), []);
}

/** Posts JSON, or a text; statuses in accepted are answers, too. */
export async function post(path, body, accepted = []) {
  const plain = typeof body === 'string';
  const response = await send(path, {
    method: 'POST',
    body: plain || body === undefined ? body : JSON.stringify(body),
    type: plain ? 'text/plain;charset=utf-8' : 'application/json',
  });
  return read(response, accepted);
}

export async function remove(path) {
  return read(await send(path, {method: 'DELETE'}), []);
}

/** Follows a stream of server-sent events until it ends or is aborted. */
export async function follow(path, onEvent, onOpen, signal) {
  const response = await send(path, {accept: 'text/event-stream', signal});
  if (!response.ok || !(response.headers.get('Content-Type') ?? '').startsWith('text/event-stream')) {
    throw new ApiError(response.status, response.ok ? 'The answer is not a stream of events' : (await response.text()).trim());
  }
  onOpen();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const {value, done} = await reader.read();
    if (done) {
      return;
    }
    const events = (rest + value).split(/\r?\n\r?\n/);
    rest = events.pop();
    for (const event of events) {
      const data = event.split(/\r?\n/).filter(line => line.startsWith('data:')).map(line => line.slice(5).trimStart());
      const json = data.length ? parsed(data.join('\n')) : undefined;
      if (json !== undefined) {
        onEvent(json);
      }
    }
  }
}
