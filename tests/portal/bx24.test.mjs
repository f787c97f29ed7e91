// `BX24` in a stub of a window, before a portal that answers as each test says.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { createContext, Script } from 'node:vm'

const FOLDER = '../../django_user_options/portal/static/django_user_options/portal/'
const FILE = new URL(`${FOLDER}bx24.js`, import.meta.url)
const SCRIPT = new Script(readFileSync(FILE, 'utf8'), { filename: FILE.pathname })
const PORTAL = 'http://portal.test:8000'
const DATA = {
  AUTH_ID: 'token-1',
  REFRESH_ID: 'refresh-1',
  AUTH_EXPIRES: '3600',
  PATH: '/rest',
  LANG: 'en',
  MEMBER_ID: 'member',
  IS_ADMIN: false,
  APP_OPTIONS: [],
  USER_OPTIONS: { theme: 'dark' },
  PLACEMENT: 'DEFAULT',
  PLACEMENT_OPTIONS: { ID: 7 },
  INSTALL: false,
  FIRST_RUN: false,
}
const RENEWED = { AUTH_ID: 'token-2', REFRESH_ID: 'refresh-2', AUTH_EXPIRES: 3600 }
const EXPIRED = { status: 401, error: 'expired_token', error_description: 'Expired' }

const SILENCE = {}
const REFUSAL = { result: 'error', errorCode: 'ACCESS_DENIED', errorDescription: 'Not you' }

const settle = () => setImmediate()
const plain = (value) => JSON.parse(JSON.stringify(value))

// A page in the frame. `answers` are the portal's, by command; `rest` are those to REST calls.
function openPage({ data, answers, rest = [], readyState = 'loading', ...changes } = {}) {
  const page = { sent: [], calls: [], logged: [], scripts: [], timers: new Set(), listeners: [] }
  const known = { getInitData: { ...DATA, ...data }, setInstall: true, setUserOption: true, ...answers }
  const parent = {
    postMessage(text, target) {
      assert.equal(target, PORTAL)
      const [, command, parameters, id] = text.match(/^(\w+)(?::(.*))?:(\d+):sid$/s)
      page.sent.push(parameters ? `${command}:${parameters}` : command)
      page.lastId = id
      if (known[command] !== SILENCE) {
        queueMicrotask(() => page.receive(`${id}:${JSON.stringify(known[command]) ?? ''}`))
      }
    },
  }
  page.receive = (text, changed) => page.listeners.forEach(
    (listen) => listen({ source: parent, origin: PORTAL, data: text, ...changed }),
  )
  const window = {
    name: 'portal.test:8000|0|sid',
    parent,
    location: { search: '', origin: 'http://app.test:3000' },
    addEventListener: (_, listen) => page.listeners.push(listen),
    ...changes,
  }
  window.parent ??= window
  const log = (value) => page.logged.push(value)
  page.globals = createContext({
    JSON, // so that what it parses are objects of this realm
    URL,
    URLSearchParams,
    window,
    console: { error: log, log },
    document: {
      readyState,
      addEventListener: (_, listen) => { page.parse = listen },
      documentElement: { scrollWidth: 640, scrollHeight: 480, clientHeight: 480, offsetHeight: 99 },
      createElement: () => ({}),
      head: { append: (script) => page.scripts.push(script) },
    },
    setTimeout: (run) => page.timers.add(run) && run,
    clearTimeout: (run) => page.timers.delete(run),
    async fetch(address, { body }) {
      page.calls.push(`${address}?${decodeURIComponent(`${body}`)}`)
      const { status = 200, text, ...answer } = rest.shift() ?? { result: true }
      return { status, json: async () => JSON.parse(text ?? JSON.stringify(answer)) }
    },
  })
  SCRIPT.runInContext(page.globals)
  page.BX24 = page.globals.BX24 = window.BX24
  return page
}

async function openedPage(options) {
  const page = openPage(options)
  page.BX24.init()
  page.parse()
  await settle()
  page.sent.length = 0
  return page
}

const called = (page, ...call) => new Promise((resolve) => page.BX24.callMethod(...call, resolve))

for (const [parameters, body] of [
  [undefined, ''],
  [{ option: 'a b&c=é' }, 'option=a+b&c=é&'],
  [{ o: { number: 1.5, on: true, off: false, none: null, missing: undefined } }, 'o[number]=1.5&o[on]=true&o[off]=false&'],
  [{ o: { list: ['a', null, ['b']], one: [''] } }, 'o[list][0]=a&o[list][1]=&o[list][2][0]=b&o[one][0]=&'],
  [{ o: { list: [], map: {} }, empty: [] }, 'o[list][]=&o[map][]=&empty[]=&'],
  [{ o: { at: new Date(0) } }, 'o[at]=1970-01-01T00:00:00.000Z&'],
  [{ o: JSON.parse('{"__proto__": 1, "a[b": 2}') }, 'o[__proto__]=1&o[a[b]=2&'],
]) {
  test(`parameters become a form: ${body || JSON.stringify(parameters)}`, async () => {
    const page = openPage()
    assert.equal((await called(page, 'm', parameters)).data(), true)
    assert.deepEqual(page.calls, [`${PORTAL}/rest/m.json?${body}auth=token-1`])
  })
}

test('calls that cannot be made or read are errors of their own', async () => {
  for (const [options, parameters, status, text] of [
    [{ parent: null }, {}, 0, /Open the page from there/],
    [{ name: '' }, {}, 0, /Open the page from there/],
    [{ answers: { getInitData: REFUSAL } }, {}, 0, /Not you/],
    [{}, { options: { 'a]': 1 } }, 0, /cannot carry the key "a\]"/],
    [{}, { options: { ' ': 1 } }, 0, /cannot carry the key " "/],
    [{ rest: [{ status: 502, text: '<html>' }] }, {}, 502, /answered 502 without JSON/],
  ]) {
    const error = (await called(openPage(options), 'm', parameters)).error()
    assert.deepEqual([error.status, error.ex.error], [status, 'REQUEST_FAILED'])
    assert.match(`${error}`, text)
  }
})

test('a refusal has the status, the code, and the description of the portal', async () => {
  const refusal = { status: 400, error: 'ArgumentNullException', error_description: 'options is empty' }
  const result = await called(openPage({ rest: [refusal] }), 'user.option.set', {})
  assert.deepEqual(plain(result.error()), {
    status: 400,
    ex: { error: 'ArgumentNullException', error_description: 'options is empty' },
  })
  assert.equal(result.data(), undefined)
})

test('a list has pages', async () => {
  const rest = [{ result: [1], next: 50, total: 51, time: { start: 1 } }, { result: [2], total: 51 }]
  const page = openPage({ rest })
  const results = []
  page.BX24.callMethod('list', { of: 'x' }, (result) => results.push(result))
  await settle()
  assert.equal(results[0].next(), true)
  await settle()
  assert.deepEqual(results.map((result) => [result.data()[0], result.more(), result.total()]), [
    [1, true, 51],
    [2, false, 51],
  ])
  assert.equal(page.calls[1], `${PORTAL}/rest/list.json?of=x&start=50&auth=token-1`)
  assert.deepEqual(plain(results[0].time()), { start: 1 })
  assert.equal(results[1].next(), false)
  assert.equal((await called(page, 'm', {})).total(), NaN)
})

test('a batch answers under the keys of its calls, those that were run', async () => {
  const batch = {
    result: { a: null, length: [1] },
    result_error: { b: { error: 'E', error_description: 'No' } },
    result_total: [],
    result_next: { length: 50 },
    result_time: [],
  }
  const page = openPage({ rest: [{ result: batch }, { result: { ...batch, result: ['x'] } }, { status: 403, error: 'X' }] })
  const calls = {
    a: ['user.option.set', { options: { a: '$result[x][y]' } }],
    b: { method: 'fails', params: { p: 1 } },
    length: ['list'],
    halted: { method: 'n' },
  }
  const run = (given, halt) => new Promise((done) => page.BX24.callBatch(given, done, halt))
  const results = await run(calls, true)
  assert.deepEqual(Object.keys(results), ['a', 'b', 'length'])
  assert.deepEqual([results.a.data(), results.a.error(), results.a.more()], [null, undefined, false])
  assert.deepEqual([results.b.data(), results.b.error().ex.error], [undefined, 'E'])
  assert.equal(results.length.more(), true)
  assert.equal(page.calls[0], `${PORTAL}/rest/batch.json?halt=1&cmd[a]=user.option.set?options%5Ba%5D=%24result%5Bx%5D%5By%5D`
    + '&cmd[b]=fails?p=1&cmd[length]=list?&cmd[halted]=n?&auth=token-1')
  const list = await run([['m'], ['n']])
  assert.deepEqual([Array.isArray(list), list.length, list[0].data()], [true, 1, 'x'])
  const failed = await run({ a: ['m'] })
  assert.equal(failed.a.error().ex.error, 'X')
})

test('an expired token is renewed once for all calls, before one or after a refusal', async () => {
  for (const [data, rest, made] of [
    [{ AUTH_EXPIRES: 0 }, [], ['token-2', 'token-2']],
    [{}, [EXPIRED, EXPIRED], ['token-1', 'token-1', 'token-2', 'token-2']],
  ]) {
    const page = await openedPage({ data, rest, answers: { refreshAuth: RENEWED } })
    const results = await Promise.all([called(page, 'm', {}), called(page, 'm', {})])
    assert.deepEqual(results.map((result) => result.data()), [true, true])
    assert.deepEqual(page.calls.map((call) => call.split('auth=')[1]), made)
    assert.deepEqual(page.sent, ['refreshAuth'])
  }
})

test('a token that another call has renewed meanwhile is used', async () => {
  const page = await openedPage({ rest: [EXPIRED], answers: { refreshAuth: RENEWED } })
  const result = called(page, 'm', {})
  page.BX24.refreshAuth()
  assert.equal((await result).data(), true)
  assert.deepEqual(page.sent, ['refreshAuth'])
})

test('a call whose token is not renewed ends with the refusal', async () => {
  for (const answers of [{ refreshAuth: REFUSAL }, { refreshAuth: SILENCE }]) {
    const page = await openedPage({ rest: [EXPIRED], answers })
    const result = called(page, 'm', {})
    await settle()
    page.timers.forEach((run) => run())
    assert.equal((await result).error().ex.error, 'expired_token')
    assert.equal(page.calls.length, 1)
  }
})

test('what the portal says is known once it has answered', async () => {
  const before = openPage({ name: 'portal.test:80|0|sid' }).BX24
  assert.deepEqual([before.getAuth(), before.isAdmin(), before.getLang()], [false, false, undefined])
  assert.equal(before.getDomain(), 'portal.test')
  const search = '?DOMAIN=portal.test:8000&PROTOCOL=0&APP_SID=sid'
  const page = await openedPage({
    name: '',
    location: { search },
    data: { IS_ADMIN: true },
    answers: { refreshAuth: { ...RENEWED, AUTH_EXPIRES: 0 } },
  })
  const { expires_in: until, ...auth } = page.BX24.getAuth()
  assert.deepEqual(plain(auth), {
    access_token: 'token-1',
    refresh_token: 'refresh-1',
    domain: 'portal.test:8000',
    member_id: 'member',
  })
  assert.ok(Math.abs(until - Date.now() - 3_600_000) < 10_000)
  assert.deepEqual([page.BX24.isAdmin(), page.BX24.getLang()], [true, 'en'])
  assert.deepEqual(plain(page.BX24.placement.info()), { placement: 'DEFAULT', options: { ID: 7 } })
  assert.equal(await new Promise((done) => page.BX24.refreshAuth(done)), false)
})

test('init waits for the page, on the first visit also for the installation', async () => {
  for (const [data, install, steps] of [
    [{}, (page) => page.steps.push('install'), ['parsed', 'init', 'finish']],
    [{ FIRST_RUN: true }, undefined, ['parsed', 'init', 'finish']],
    [{ FIRST_RUN: true }, (page) => page.steps.push('install'), ['parsed', 'install', 'finish', 'init']],
    [{ FIRST_RUN: true }, 'install.js', ['parsed', 'init', 'finish']],
  ]) {
    const page = openPage({ data })
    page.steps = []
    page.BX24.init(() => page.steps.push('init'))
    if (install) {
      page.BX24.install(typeof install === 'string' ? install : () => install(page))
    }
    await settle()
    page.steps.push('parsed')
    page.parse()
    await settle()
    page.scripts.forEach((script) => script.onload())
    await settle()
    page.steps.push('finish')
    page.BX24.installFinish()
    await settle()
    assert.deepEqual(page.steps, steps)
    assert.deepEqual(page.sent, data.FIRST_RUN ? ['getInitData', 'setInstall:{"install":true}'] : ['getInitData'])
    assert.deepEqual(page.scripts.map((script) => script.src), install === 'install.js' ? [install] : [])
  }
})

test('in the stage of installation, its end is the business of the portal', async () => {
  const page = await openedPage({ data: { INSTALL: true } })
  page.BX24.installFinish()
  await settle()
  assert.deepEqual(page.sent, ['setInstallFinish'])
})

test('options are read from a copy and sent with their type', async () => {
  const page = openPage({ data: { USER_OPTIONS: { theme: 'dark', a: 0 }, APP_OPTIONS: null } })
  page.BX24.userOption.set('theme', 'light')
  page.parse()
  await settle()
  for (const [name, value] of [['on', true], ['__proto__', 1.5], ['list', [null, {}]], ['none']]) {
    page.BX24.userOption.set(name, value)
    assert.deepEqual(page.BX24.userOption.get(name), value ?? null)
  }
  assert.deepEqual([page.BX24.userOption.get('theme'), page.BX24.userOption.get('a')], ['light', 0])
  assert.equal(page.BX24.userOption.get('toString'), undefined)
  assert.equal(page.BX24.appOption.get('a'), undefined)
  await settle()
  assert.deepEqual(page.sent, [
    'getInitData',
    'setUserOption:{"name":"theme","value":"light"}',
    'setUserOption:{"name":"on","value":true}',
    'setUserOption:{"name":"__proto__","value":1.5}',
    'setUserOption:{"name":"list","value":[null,{}]}',
    'setUserOption:{"name":"none","value":null}',
  ])
})

test('options of the application are for administrators, and the portal has the last word', async () => {
  for (const [IS_ADMIN, answer, copy, kept] of [
    [true, { a: 1, theme: 'from another tab' }, 1, [1, 'from another tab']],
    [false, REFUSAL, undefined, [undefined, undefined]],
  ]) {
    const page = await openedPage({ data: { IS_ADMIN }, answers: { setAppOption: answer } })
    const { appOption } = page.BX24
    const answered = new Promise((done) => appOption.set('a', 1, done))
    assert.equal(appOption.get('a'), copy)
    assert.deepEqual(await answered, answer)
    assert.deepEqual([appOption.get('a'), appOption.get('theme')], kept)
    assert.equal(page.logged.length, IS_ADMIN ? 0 : 1)
    appOption.set('b')
    await settle()
    assert.deepEqual(page.sent, [
      'setAppOption:{"name":"a","value":1}', 'setAppOption:{"name":"b","value":null}',
    ])
  }
})

for (const [call, message, answer] of [
  [['resizeWindow', 10, 20], 'resizeWindow:{"width":10,"height":20}', { width: 10 }],
  [['fitWindow'], 'resizeWindow:{"width":"100%","height":99}', {}],
  [['scrollParentWindow', 5], 'setScroll:{"scroll":5}', {}],
  [['reloadWindow'], 'reloadWindow', undefined],
  [['setTitle', 'A:b'], 'setTitle:{"title":"A:b"}', 'a:"b"'],
  [['openApplication', { bx24_width: 450 }], 'openApplication:{"bx24_width":450}', undefined],
  [['closeApplication'], 'closeApplication', undefined],
  [['openPath', '/crm/'], 'openPath:{"path":"/crm/"}', { result: 'close' }],
  [['placement.getInterface'], 'getInterface', { command: [], event: [] }],
  [['placement.call', 'setValue', 'v'], 'setValue:"v"', []],
]) {
  test(`${call[0]} sends a message and hands over the answer`, async () => {
    const page = await openedPage({ answers: { [message.split(':')[0]]: answer } })
    const [name, ...values] = call
    const [method, group] = name.split('.').reverse()
    const owner = group ? page.BX24[group] : page.BX24
    assert.deepEqual(await new Promise((done) => owner[method](...values, done)), answer)
    owner[method](...values)
    await settle()
    assert.deepEqual(page.sent, [message, message])
  })
}

test('an event comes after the acknowledgement, each time it happens', async () => {
  const page = await openedPage({ answers: { placementBindEvent: SILENCE } })
  const received = []
  page.BX24.placement.bindEvent('CallCard::Ended', (event) => received.push(event))
  await settle()
  assert.deepEqual(page.sent, ['placementBindEvent:{"event":"CallCard::Ended"}'])
  for (const text of ['', '{"n":1}', '[2]']) {
    page.receive(`${page.lastId}:${text}`)
  }
  assert.deepEqual(plain(received), [{ n: 1 }, [2]])
})

test('only the portal is listened to', async () => {
  const page = openPage({ answers: { getInitData: SILENCE } })
  page.BX24.init(() => page.logged.push('init'))
  page.parse()
  await settle()
  const answer = `1:${JSON.stringify(DATA)}`
  page.receive(answer, { source: {} })
  page.receive(answer, { origin: 'http://evil.test' })
  page.receive({ toString: () => answer })
  page.receive(`unknown:${answer}`)
  await settle()
  assert.deepEqual(page.logged, [])
})

test('a portal that does not answer is said to be at another address', async () => {
  const page = openPage({ answers: { getInitData: SILENCE } })
  page.BX24.init()
  page.timers.forEach((run) => run())
  assert.match(page.logged[0], /http:\/\/portal\.test:8000 .* http:\/\/app\.test:3000/)
})

test('a page that scrolls is as high as what it has', async () => {
  const page = await openedPage()
  page.globals.document.documentElement.clientHeight = 300
  assert.deepEqual(plain(page.BX24.getScrollSize()), { scrollWidth: 640, scrollHeight: 480 })
  page.BX24.fitWindow()
  await settle()
  assert.deepEqual(page.sent, ['resizeWindow:{"width":"100%","height":480}'])
})

test('ready and isReady follow the page', async () => {
  const page = openPage()
  page.BX24.ready(() => page.logged.push('ready'))
  await settle()
  assert.deepEqual([page.BX24.isReady(), page.logged], [false, []])
  page.parse()
  await settle()
  assert.deepEqual(page.logged, ['ready'])
  const loaded = openPage({ readyState: 'interactive' })
  loaded.BX24.ready(() => loaded.logged.push('ready'))
  await settle()
  assert.deepEqual([loaded.BX24.isReady(), loaded.logged], [true, ['ready']])
})
