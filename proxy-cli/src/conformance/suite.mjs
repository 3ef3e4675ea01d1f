// The suite as installed from its npm package, and how its results are counted.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

/**
 * Installs the locked package below `target` unless it is there already, and returns its folder.
 *
 * The package asks for npm and a template engine, which only its web pages and scripts use; `overrides` in
 * package.json puts node-fetch, which it does use, in their place. The lock names no registry: npm's own is used.
 */
export function installSuite (target) {
  mkdirSync(target, { recursive: true })
  const suite = join(target, 'node_modules', 'http-cache-tests')
  const locked = file => readFileSync(join(here, file), 'utf8')
  const installed = join(target, 'package-lock.json')
  if (existsSync(join(suite, 'package.json')) && existsSync(installed) &&
      readFileSync(installed, 'utf8') === locked('package-lock.json')) return suite
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(here, file), join(target, file))
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    { cwd: target, encoding: 'utf8', shell: process.platform === 'win32' })
  if (npm.error) throw new Error(`npm could not be started (${npm.error.code}): it comes with node and must be on the PATH`)
  if (npm.status !== 0) throw new Error(`npm ci failed: ${npm.stderr.trim().split('\n').slice(0, 3).join(' ')}`)
  return suite
}

export const load = (suite, path) => import(pathToFileURL(join(suite, path)))

/** The sections that concern a proxy, each with its tests; what is only for browsers is left out. */
export async function sections (suite) {
  const all = (await load(suite, 'tests/index.mjs')).default
  const surrogate = (await load(suite, 'tests/surrogate-control.mjs')).default
  return [...all, surrogate].map(section => ({
    ...section,
    // Surrogate-Control is a W3C note of 2001; the suite itself has since put CDN-Cache-Control (RFC 9213) in its place.
    counted: section !== surrogate,
    tests: section.tests.filter(test => test.browser_only !== true)
  }))
}

/** The flat list of tests, each with `kind` and `section` filled in. */
export function flatten (sections) {
  return sections.flatMap(section => section.tests.map(test =>
    ({ ...test, kind: test.kind ?? 'required', section: section.name, sectionId: section.id, counted: section.counted })))
}

/**
 * What cache-tests.fyi shows for a test: pass (✅, or Y for a check), fail, setup (🔹: the exchange was not what
 * the test builds on), retry (↻), dependency (⚪: a test it depends on did not pass), untested (-).
 * A result is `true`, or a pair of the error's name and its message; anything but `Setup` counts as a failure.
 */
export function verdict (tests, results, id, honorDependencies = true) {
  const result = results[id]
  if (result === undefined) return 'untested'
  const dependencies = tests.find(test => test.id === id)?.depends_on ?? []
  if (honorDependencies && dependencies.some(other => verdict(tests, results, other) !== 'pass')) return 'dependency'
  if (result === true) return 'pass'
  if (result[0] !== 'Setup') return 'fail'
  return result[1] === 'retry' ? 'retry' : 'setup'
}

/** Passed and total of one kind. `aside` also counts what passed although a test it depends on did not. */
export function count (tests, results, kind, counted = true) {
  const chosen = tests.filter(test => test.kind === kind && test.counted === counted)
  return {
    total: chosen.length,
    passed: chosen.filter(test => verdict(tests, results, test.id) === 'pass').length,
    aside: chosen.filter(test => results[test.id] === true).length
  }
}
