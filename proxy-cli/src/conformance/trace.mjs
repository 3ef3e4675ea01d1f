// One test as it went: what was asked for, what the client saw, what the origin saw, and what was wrong.
const bodyShown = 200

/** The trace of one test as text. `exchanges` is the client's view, `originLog` the origin's. */
export function trace (test, { result, exchanges = [], originLog = [] }, paint = plain) {
  const start = exchanges[0]?.at ?? originLog[0]?.at ?? 0
  const out = [paint.bold(`${test.id}  (${test.kind}, ${test.section})`), test.name]
  if (test.depends_on) out.push(`depends on: ${test.depends_on.join(', ')}`)
  test.requests.forEach((step, i) => {
    const number = i + 1
    out.push('', paint.bold(`── request ${number} ─────────`))
    out.push(...told(step).map(line => paint.dim(`   ${line}`)))
    const exchange = exchanges[i]
    const seen = originLog.filter(entry => entry.reqNum === number)
    if (exchange) out.push(...request('client →', exchange, start, paint.green))
    if (exchange && seen.length === 0) out.push(paint.blue('   origin    saw nothing'))
    for (const entry of seen) out.push(...originView(entry, start, paint.blue))
    if (exchange) out.push(...response(exchange, paint.green))
    else out.push('   not sent: the test ended before it')
  })
  const others = originLog.filter(entry => !(entry.reqNum >= 1 && entry.reqNum <= test.requests.length))
  if (others.length > 0) out.push('', 'requests the origin saw with no number of the client:', ...others.flatMap(entry => originView(entry, start, paint.blue)))
  out.push('', result === true ? paint.green('PASS') : result === undefined ? 'NOT RUN' : paint.red(`FAIL  ${result[0]}: ${result[1]}`), '')
  return out.join('\n')
}

/** What the step tells the origin to answer, and what it expects. */
function told (step) {
  const lines = []
  const answer = []
  if (step.response_status) answer.push(step.response_status.join(' '))
  for (const [name, value] of step.response_headers ?? []) answer.push(`${name}: ${Number.isInteger(value) ? `now${value < 0 ? '' : '+'}${value}s` : value}`)
  if (step.disconnect) answer.push('closes the connection')
  if (step.expected_type?.endsWith('validated')) answer.push('304 if the request has the ETag or Last-Modified of the step before, else 999')
  lines.push(`origin is to answer: ${answer.join(' | ') || '200, no fields of its own'}`)
  const expected = Object.entries(step).filter(([name]) => name.startsWith('expected_')).map(([name, value]) => `${name.slice(9)} = ${JSON.stringify(value)}`)
  if (expected.length > 0) lines.push(`expected: ${expected.join(' | ')}`)
  const role = []
  if (step.setup) role.push('a failure here is a failure of the set-up')
  if (step.setup_tests) role.push(`set-up: ${step.setup_tests.join(', ')}`)
  if (step.pause_after) role.push('then a pause of 3 s')
  if (role.length > 0) lines.push(role.join('; '))
  return lines
}

function request (who, exchange, start, colour) {
  const lines = [colour(`   ${who}  ${exchange.method} ${exchange.url}   (+${exchange.at - start} ms)`), ...fields(exchange.headers)]
  if (exchange.requestBody) lines.push(`             ${preview(exchange.requestBody)}`)
  return lines
}

function response (exchange, colour) {
  if (exchange.error) return [colour(`   client ←  ${exchange.error}`)]
  return [colour(`   client ←  ${exchange.status} ${exchange.statusText}   (after ${exchange.ms} ms)`),
    ...fields(exchange.received), ...(exchange.body ? [`             ${preview(exchange.body)}`] : [])]
}

function originView (entry, start, colour) {
  return [...request('origin ←', entry, start, colour),
    colour(entry.status === null ? '   origin →  closed the connection' : `   origin →  ${entry.status}`),
    ...fields(entry.sent), ...(entry.bodySent ? [`             ${preview(entry.bodySent)}`] : [])]
}

const fields = headers => headers.filter(([name]) => name !== 'Test-Name').map(([name, value]) => `             ${name}: ${value}`)
const preview = body => body.length > bodyShown ? `"${body.slice(0, bodyShown)}"… ${body.length} characters` : `"${body}"`

const plain = { bold: s => s, dim: s => s, green: s => s, blue: s => s, red: s => s }
const sgr = code => text => `\x1b[${code}m${text}\x1b[0m`
/** Colours for a terminal, none for anything else. */
export const paintFor = stream => stream.isTTY ? { bold: sgr(1), dim: sgr(2), green: sgr(32), blue: sgr(34), red: sgr(31) } : plain
