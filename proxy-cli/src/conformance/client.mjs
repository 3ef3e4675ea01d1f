// The suite's client in a thread of its own: its modules keep results in statics, so that each pass needs fresh ones.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { fileURLToPath } from 'node:url'
import { load } from './suite.mjs'

const requestTimeout = 20_000

/** Runs the tests named in `ids` against `base`: `{results, uuids, exchanges}`, the latter two for the traces. */
export function runClient (suite, base, ids, parallel) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { suite, base, ids, parallel } })
    worker.once('message', resolve).once('error', reject)
    worker.once('exit', code => reject(new Error(`the suite's client ended with ${code}`)))
  })
}

async function run ({ suite, base, ids, parallel }) {
  const fetch = createRequire(join(suite, 'package.json'))('node-fetch')
  const { runTests, getResults } = await load(suite, 'client/runner.mjs')
  const { testUUIDs } = await load(suite, 'client/test.mjs')
  const sections = [...(await load(suite, 'tests/index.mjs')).default, (await load(suite, 'tests/surrogate-control.mjs')).default]
  const wanted = new Set(ids)
  const chosen = sections.map(section => ({ ...section, tests: section.tests.filter(test => wanted.has(test.id)) }))
  const exchanges = {}
  await runTests(chosen, recording(fetch, exchanges), false, base, parallel)
  return { results: getResults(), uuids: { ...testUUIDs }, exchanges }
}

function recording (fetch, exchanges) {
  return async (url, init = {}) => {
    const exchange = {
      at: Date.now(),
      method: init.method ?? 'GET',
      url,
      headers: (init.headers ?? []).map(pair => [...pair]),
      requestBody: init.body ?? null
    }
    const uuid = /\/test\/([^/?]+)/.exec(url)?.[1]
    if (uuid) (exchanges[uuid] ??= []).push(exchange)
    try {
      const response = await fetch(url, { ...init, timeout: requestTimeout })
      exchange.ms = Date.now() - exchange.at
      exchange.status = response.status
      exchange.statusText = response.statusText
      exchange.received = Object.entries(response.headers.raw()).flatMap(([name, values]) => values.map(value => [name, value]))
      // Read here and not where the suite asks for it, which it does not once a field was wrong.
      exchange.body = await response.text()
      response.text = async () => exchange.body
      return response
    } catch (error) {
      exchange.error = error.message
      throw error
    }
  }
}

if (parentPort && workerData?.suite) parentPort.postMessage(await run(workerData))
