// The suite's origin server, bound to the loopback only, with a log of what it saw and sent.
import http from 'node:http'
import { load } from './suite.mjs'

/** Starts the origin; `log.get(uuid)` is the list of exchanges of one test, also served at `/log/<uuid>`. */
export async function startOrigin (suite, port = 0) {
  const { setConfig } = await load(suite, 'server/utils.mjs')
  const handlers = {
    config: ([uuid], request, response) => receive(uuid, setConfig, request, response),
    test: (await load(suite, 'server/handle-test.mjs')).default,
    state: (await load(suite, 'server/handle-state.mjs')).default
  }
  const log = new Map()
  const server = http.createServer((request, response) => {
    const [, kind, uuid] = new URL(request.url, 'http://origin').pathname.split('/')
    if (kind === 'log') {
      response.setHeader('Cache-Control', 'no-store')
      return response.end(JSON.stringify(log.get(uuid) ?? []))
    }
    if (!(kind in handlers)) {
      response.statusCode = 404
      return response.end()
    }
    if (kind === 'test') log.set(uuid, [...(log.get(uuid) ?? []), record(request, response)])
    try {
      handlers[kind]([uuid], request, response)
    } catch (error) {
      console.error(`origin: ${request.method} ${request.url}: ${error.message}`)
      response.destroy()
    }
  })
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    log,
    stop () {
      server.close()
      server.closeAllConnections()
    }
  }
}

/** Takes a test's steps. The suite's own handler would end the process on a body that a proxy has cut short. */
async function receive (uuid, setConfig, request, response) {
  try {
    let body = ''
    for await (const chunk of request) body += chunk
    setConfig(uuid, JSON.parse(body))
    response.statusCode = 201
  } catch {
    response.statusCode = 400
  }
  response.end()
}

function record (request, response) {
  const seen = {
    at: Date.now(),
    reqNum: Number(request.headers['req-num']) || null,
    method: request.method,
    url: request.url,
    headers: pairs(request.rawHeaders),
    status: null,
    sent: [],
    bodySent: null
  }
  const end = response.end
  response.end = function (body, ...rest) {
    seen.bodySent = body === undefined ? '' : String(body)
    const done = end.call(this, body, ...rest)
    seen.status = this.statusCode
    seen.sent = (this._header ?? '').split('\r\n').slice(1).filter(line => line !== '').map(line => line.split(/: ?(.*)/s, 2))
    return done
  }
  return seen
}

const pairs = raw => raw.flatMap((name, i) => i % 2 ? [] : [[name, raw[i + 1]]])
