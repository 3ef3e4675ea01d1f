// Runs the HTTP cache test suite against the jar, or against a proxy that is already running. See `usage`.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runClient } from './client.mjs'
import { startOrigin } from './origin.mjs'
import { startProxy } from './proxy.mjs'
import { complaints, lost, markdown, summarise } from './report.mjs'
import { flatten, installSuite, sections, verdict } from './suite.mjs'
import { paintFor, trace } from './trace.mjs'

const usage = `node run.mjs                       both policies against the jar: report, floors, exit code 1 below them
node run.mjs --id ID[,ID...]       tests, or whole sections, against the jar (--policy, else rfc9111), with traces
node run.mjs --list [--id SECTION] what there is to run
node run.mjs --serve PORT          only the origin, to start a proxy in front of it by hand, a debugger attached ...
node run.mjs --base URL [--id ID]  ... and to run all or some tests through that proxy
options: --policy rfc9111|standard, --jar FILE, --java FILE, --target DIR, --parallel N (50)`

const here = dirname(fileURLToPath(import.meta.url))
const module = resolve(here, '..', '..')
const json = file => JSON.parse(readFileSync(file, 'utf8'))

const { values: options } = parseArgs({
  options: {
    base: { type: 'string' },
    id: { type: 'string' },
    list: { type: 'boolean' },
    serve: { type: 'string' },
    policy: { type: 'string' },
    jar: { type: 'string', default: join(module, 'target', 'caching-proxy.jar') },
    java: { type: 'string', default: process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java' },
    target: { type: 'string', default: join(module, 'target', 'conformance') },
    parallel: { type: 'string', default: '50' },
    help: { type: 'boolean' }
  }
})

async function main () {
  if (options.help) return console.log(usage)
  quietSuite()
  const suite = installSuite(options.target)
  const tests = flatten(await sections(suite))
  if (options.list) return list(choose(tests))
  if (options.serve) return serve(suite)
  if (options.base) return show(suite, choose(tests), tests, options.base.replace(/\/+$/, ''))
  if (options.id) return withProxy(suite, options.policy ?? 'rfc9111', (url, origin) => show(suite, choose(tests), tests, url, origin))
  return passes(suite, tests)
}

/** The tests that `--id` names, by their own id or that of their section. */
function choose (tests) {
  if (!options.id) return tests
  const wanted = options.id.split(',')
  const unknown = wanted.filter(id => !tests.some(test => test.id === id || test.sectionId === id))
  if (unknown.length > 0) throw new Error(`no test or section ${unknown.join(', ')}: see --list`)
  return tests.filter(test => wanted.includes(test.id) || wanted.includes(test.sectionId))
}

function list (tests) {
  let section
  for (const test of tests) {
    if (test.section !== section) console.log(`\n${section = test.section}  (${test.sectionId})`)
    console.log(`  ${test.kind.padEnd(8)}  ${test.id.padEnd(56)}  ${test.name}`)
  }
}

async function serve (suite) {
  const origin = await startOrigin(suite, Number(options.serve))
  console.log(`origin at ${origin.url}; start a proxy with --origin ${origin.url}, then run.mjs --base http://...`)
}

async function withProxy (suite, policy, use) {
  const origin = await startOrigin(suite)
  try {
    const proxy = await startProxy({ java: options.java, jar: options.jar, policy, origin: origin.url, logFile: join(options.target, `${policy}-proxy.log`) })
    try {
      return await use(proxy.url, origin)
    } finally {
      await proxy.stop()
    }
  } finally {
    origin.stop()
  }
}

/** Runs some tests and prints their traces; where all were asked for, the totals and what failed. */
async function show (suite, chosen, tests, base, origin) {
  const run = await runClient(suite, base, chosen.map(test => test.id), Number(options.parallel))
  if (options.id) {
    for (const test of chosen) console.log(trace(test, await views(run, test, base, origin), paintFor(process.stdout)))
    if (chosen.length > 1) for (const test of chosen) console.log(`${verdict(chosen, run.results, test.id, false).padEnd(8)} ${test.id}`)
    process.exitCode = chosen.every(test => test.kind === 'check' || run.results[test.id] === true) ? 0 : 1
    return
  }
  const pass = summarise(tests, run.results, known().failures)
  for (const test of pass.failed) console.log(`${test.verdict.padEnd(10)} ${test.kind.padEnd(8)} ${test.id}: ${test.message}`)
  console.log(line(base, pass))
}

async function views (run, test, base, origin) {
  const uuid = run.uuids[test.id]
  const originLog = origin ? origin.log.get(uuid) : await fetch(`${base}/log/${uuid}`).then(response => response.ok ? response.json() : []).catch(() => [])
  return { result: run.results[test.id], exchanges: run.exchanges[uuid], originLog: originLog ?? [] }
}

/** The whole of it: one pass for each policy, a report, and the floors. */
async function passes (suite, tests) {
  const { failures, deviations } = known()
  const report = { suiteVersion: json(join(suite, 'package.json')).version, passes: {} }
  for (const policy of options.policy ? [options.policy] : ['rfc9111', 'standard']) {
    await withProxy(suite, policy, async (url, origin) => {
      const run = await runClient(suite, url, tests.map(test => test.id), Number(options.parallel))
      const pass = report.passes[policy] = policy === 'standard'
        ? summarise(tests, run.results, { ...failures, ...deviations }, false)
        : summarise(tests, run.results, failures)
      const traces = []
      for (const { id } of pass.failed) {
        const test = tests.find(test => test.id === id)
        traces.push(trace(test, await views(run, test, url, origin)))
      }
      writeFileSync(join(options.target, `${policy}-traces.txt`), traces.join('\n\n'))
      console.log(line(policy, pass))
    })
  }
  if (report.passes.rfc9111 && report.passes.standard) report.lost = lost(tests, report.passes.rfc9111, report.passes.standard, deviations)
  report.complaints = complaints(report, json(join(here, 'floors.json')))
  writeFileSync(join(options.target, 'report.json'), JSON.stringify(report, null, 2))
  writeFileSync(join(options.target, 'report.md'), markdown(report))
  console.log(`report: ${join(options.target, 'report.md')}; traces of what failed beside it`)
  for (const complaint of report.complaints) console.error(complaint)
  process.exitCode = report.complaints.length > 0 ? 1 : 0
}

const known = () => json(join(here, 'known-failures.json'))
const line = (name, pass) => `${name}: required ${pass.required.passed}/${pass.required.total}, optimal ${pass.optimal.passed}/${pass.optimal.total} (dependencies aside ${pass.required.aside}, ${pass.optimal.aside})`

/** The suite's server logs what a failing proxy makes of its requests; the traces show it better. */
function quietSuite () {
  const log = console.log
  console.log = (...words) => String(words[0]).startsWith('SERVER WARNING') || log(...words)
}

mkdirSync(options.target, { recursive: true })
await main().catch(error => {
  console.error(`conformance: ${error.message}`)
  process.exitCode = 1
})
