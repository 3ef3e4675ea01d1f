// What the passes amount to: the report, and what in it fails the build.
import { count, verdict } from './suite.mjs'

/**
 * The summary of one pass, as it is written to report.json. Without `honorDependencies` a test is judged by itself:
 * under a policy that keeps what says nothing about freshness, freshness-none would drag in nearly all the others.
 */
export function summarise (tests, results, reasons, honorDependencies = true) {
  const judge = id => verdict(tests, results, id, honorDependencies)
  const failed = tests.filter(test => test.kind !== 'check' && judge(test.id) !== 'pass').map(test => ({
    id: test.id,
    name: test.name,
    kind: test.kind,
    section: test.section,
    counted: test.counted,
    verdict: judge(test.id),
    message: results[test.id] === true ? '' : results[test.id]?.join(': ') ?? 'not run',
    reason: reasons[test.id] ?? (judge(test.id) === 'dependency' ? reasonOfDependency(tests, results, test, reasons) : null)
  }))
  return {
    required: count(tests, results, 'required'),
    optimal: count(tests, results, 'optimal'),
    surrogateControl: { required: count(tests, results, 'required', false), optimal: count(tests, results, 'optimal', false) },
    failed,
    checks: tests.filter(test => test.kind === 'check').map(test => ({ id: test.id, name: test.name, answer: answer(judge(test.id)) })),
    passedAgainstTheTable: Object.keys(reasons).filter(id => results[id] === true),
    results
  }
}

function reasonOfDependency (tests, results, test, reasons) {
  const cause = test.depends_on.find(id => verdict(tests, results, id) !== 'pass')
  const passes = results[test.id] === true ? 'passes itself, but ' : ''
  return reasons[cause] || passes ? `${passes}depends on ${cause}${reasons[cause] ? `: ${reasons[cause]}` : ''}` : null
}

const answer = verdict => ({ pass: 'yes', fail: 'no' })[verdict] ?? verdict

/** Required tests that pass by themselves under `rfc9111` and not under `standard`, each with the deviation that explains it. */
export function lost (tests, exact, standard, deviations) {
  return tests.filter(test => test.kind === 'required' && test.counted && exact.results[test.id] === true && standard.results[test.id] !== true)
    .map(test => ({ id: test.id, name: test.name, message: standard.results[test.id]?.join(': ') ?? 'not run', deviation: deviations[test.id] ?? null }))
}

/** Everything that fails the build, one line each. `standard` counts what passes by itself, dependencies aside. */
export function complaints (report, floors) {
  const lines = []
  const below = (policy, kind, got) => {
    const floor = floors[policy]?.[kind] ?? 0
    if (got < floor) lines.push(`${policy}: ${got} ${kind} tests passed, the floor is ${floor}`)
  }
  const { rfc9111, standard } = report.passes
  for (const kind of ['required', 'optimal']) {
    if (rfc9111) below('rfc9111', kind, rfc9111[kind].passed)
    if (standard) below('standard', kind, standard[kind].aside)
  }
  if (floors.everyFailureHasAReason) {
    for (const test of rfc9111?.failed ?? []) if (test.counted && !test.reason) lines.push(`rfc9111: ${test.id} failed and known-failures.json has no reason for it`)
  }
  for (const test of report.lost ?? []) if (!test.deviation) lines.push(`standard: lost ${test.id}, which is none of its two deviations`)
  return lines
}

export function markdown (report) {
  const out = ['# HTTP cache test suite', '', `http-cache-tests ${report.suiteVersion}, tests for browsers left out.`, '',
    '| policy | required | optimal | the same, dependencies aside | Surrogate-Control, not counted |', '|---|---|---|---|---|']
  for (const [policy, pass] of Object.entries(report.passes)) {
    out.push(`| ${policy} | ${of(pass.required)} | ${of(pass.optimal)} | ${pass.required.aside}, ${pass.optimal.aside} | ${of(pass.surrogateControl.required)}, ${of(pass.surrogateControl.optimal)} |`)
  }
  if (report.complaints.length > 0) out.push('', '## Below the floor', '', ...report.complaints.map(line => `- ${line}`))
  if (report.lost) {
    out.push('', '## Required tests that `standard` loses', '')
    out.push(...report.lost.length > 0 ? table(['test', 'message', 'deviation'], report.lost.map(test => [test.id, test.message, test.deviation ?? '**none of the two**'])) : ['None.'])
  }
  for (const [policy, pass] of Object.entries(report.passes)) {
    out.push('', `## ${policy}: what failed`, '')
    out.push(...pass.failed.length > 0 ? table(['test', 'kind', 'what it says', 'message', 'why'], pass.failed.map(test =>
      [test.id, test.counted ? test.kind : `${test.kind}, not counted`, test.name, [test.verdict, test.message].filter(Boolean).join(': '), test.reason ?? '**no reason known**'])) : ['Nothing.'])
    if (pass.passedAgainstTheTable.length > 0) out.push('', `Passed although known-failures.json lists them: ${pass.passedAgainstTheTable.join(', ')}`)
    out.push('', `## ${policy}: checks`, '', ...table(['test', 'question', 'answer'], pass.checks.map(test => [test.id, test.name, test.answer])))
  }
  return out.join('\n') + '\n'
}

const of = count => `${count.passed}/${count.total}`
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((row, i) => `| ${row.map(cell => i === 1 ? cell : String(cell).replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`)
