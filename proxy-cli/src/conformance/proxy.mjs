// The jar under test, as a child process that does not outlive this one.
import { spawn } from 'node:child_process'
import { createWriteStream, existsSync } from 'node:fs'

const startTimeout = 30_000
const stopTimeout = 5_000
const children = new Set()

process.on('exit', () => children.forEach(child => child.kill('SIGKILL')))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1))

/** Starts `jar` on a free port in front of `origin`; resolves once it has printed where it listens. */
export async function startProxy ({ java, jar, policy, origin, logFile }) {
  if (!existsSync(jar)) throw new Error(`no jar at ${jar}: build it first (mvn package)`)
  const child = spawn(java, ['-jar', jar, '--port', '0', '--no-admin', '--policy', policy, '--origin', origin],
    { stdio: ['ignore', 'pipe', 'pipe'], env: environment() })
  children.add(child)
  const log = createWriteStream(logFile)
  const exited = new Promise(resolve => child.once('exit', resolve).once('error', resolve)).then(() => children.delete(child))
  const url = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail(`did not say where it listens within ${startTimeout / 1000} s`), startTimeout)
    const fail = why => { clearTimeout(timer); child.kill('SIGKILL'); reject(new Error(`the proxy ${why}; its output is in ${logFile}`)) }
    let output = ''
    const read = chunk => {
      log.write(chunk)
      output += chunk
      const found = output.match(/http:\/\/127\.0\.0\.1:\d+(?=\D)/g)?.find(match => match !== origin)
      if (found) { clearTimeout(timer); resolve(found) }
    }
    child.stdout.on('data', read)
    child.stderr.on('data', chunk => log.write(chunk))
    child.once('error', error => fail(`could not be started: ${error.message}`))
    child.once('exit', code => fail(`ended with ${code}`))
  })
  return {
    url,
    async stop () {
      const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeout)
      child.kill('SIGTERM')
      await exited
      clearTimeout(timer)
      log.end()
    }
  }
}

/** What the machine has configured for other instances must not reach this one. */
function environment () {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'REDIS_URL' && !name.startsWith('CACHING_PROXY_')))
}
