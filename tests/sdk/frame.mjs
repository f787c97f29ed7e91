// Runs the portal's script and, in its frame, the vendor's SDK, in stubs of two windows. The calls
// of both go to the real server. Takes the steps given on standard input and prints what came of
// each as JSON, and what the portal reported. First argument: the folder of the SDK; second: the
// portal's script.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { json } from 'node:stream/consumers'
import vm from 'node:vm'

const require = createRequire(`${process.argv[2]}/package.json`)
const { initializeB24Frame } = require('@bitrix24/b24jssdk')
const { origin, cookie, dataset, steps } = await json(process.stdin)

class Element {
  constructor(parts = {}) {
    Object.assign(this, { children: [], listeners: {}, parts, style: {} })
  }

  querySelector(selector) {
    return this.parts[selector] ?? null
  }

  cloneNode() {
    return Object.assign(this.parts.make(), { clone: true })
  }

  append(child) {
    this.children.push(child)
    if (child.isFrame) {
      child.contentWindow = openWindow(child.name)
    }
  }

  remove() {}

  addEventListener(type, listener) {
    this.listeners[type] = listener
  }

  showModal() {}

  close() {
    this.listeners.close()
  }
}

const title = () => ({ textContent: '' })
const template = (make) => ({ content: { firstElementChild: new Element({ make }) } })
const section = new Element({
  '[data-title]': title(),
  '[data-problem]': { hidden: true, textContent: '' },
  'template[data-frame]': template(() => Object.assign(new Element(), { isFrame: true })),
  'template[data-slider]': template(() => new Element({ '[data-title]': title() })),
})
section.dataset = dataset

// The application's windows, in the order in which the portal opened them.
const windows = []
const forms = []
const reports = []
const portalListeners = []
const done = { scrolled: [], opened: [], reloads: 0 }

function openWindow(name) {
  const listeners = new Set()
  const opened = {
    name,
    answers: [],
    listeners,
    addEventListener: (type, listener) => listeners.add(listener),
    removeEventListener: (type, listener) => listeners.delete(listener),
    setTimeout,
    postMessage(data, target) {
      if (target === new URL(forms.at(-1).action).origin) {
        opened.answers.push(data)
        listeners.forEach((listener) => listener({ data, origin }))
      }
    },
  }
  windows.push(opened)
  return opened
}

class HTMLFormElement {
  submit() {
    const fields = this.children.map(({ name, value }) => [name, value])
    forms.push({ action: this.action, target: this.target, fields: Object.fromEntries(fields) })
  }
}

const portalWindow = {
  addEventListener: (type, listener) => portalListeners.push(listener),
  location: { origin, reload: () => (done.reloads += 1) },
  open: (url) => done.opened.push(url.href),
  scrollTo: ({ top }) => void done.scrolled.push(top),
}
vm.runInNewContext(readFileSync(process.argv[3], 'utf-8'), {
  AbortSignal, HTMLFormElement, URL, URLSearchParams, setTimeout,
  CustomEvent: class {
    constructor(type, { detail }) {
      Object.assign(this, { type, detail })
    }
  },
  document: {
    body: new Element(),
    createElement: () => new Element(),
    dispatchEvent: ({ type, detail }) => reports.push({ type, ...detail }),
    querySelectorAll: () => [section],
  },
  fetch: (path, { credentials, headers, ...options }) =>
    fetch(`${origin}${path}`, {
      ...options,
      headers: { ...headers, ...(credentials === 'omit' ? {} : { Cookie: cookie, Origin: origin }) },
    }),
  window: portalWindow,
})

/** Deliver a message to the portal, by default as the page that it opened first. */
function post(data, { from = 0, as } = {}) {
  const source = from === null ? {} : windows[from]
  const event = { data, source, origin: as ?? new URL(forms[0].action).origin }
  portalListeners.forEach((listener) => listener(event))
}

async function until(check) {
  for (let attempt = 0; !check(); attempt += 1) {
    if (attempt === 3000) throw new Error(`Not seen: ${check}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

const sidOf = ({ name }) => name.split('|')[2]
let b24

const runners = {
  start: async () => {
    globalThis.window = windows[0]
    globalThis.parent = {
      postMessage: (data, target) => target === origin && post(structuredClone(data)),
    }
    b24 = await initializeB24Frame()
    const { isFirstRun, isInstallMode } = b24
    return { isFirstRun, isInstallMode, isAdmin: b24.auth.isAdmin }
  },
  userGet: (name) => b24.options.userGet(name),
  userSet: ([name, value]) => b24.options.userSet(name, value),
  appSet: ([name, value]) => b24.options.appSet(name, value),
  call: async ([method, params]) =>
    (await b24.actions.v2.call.make({ method, params })).getData().result,
  refresh: async () => typeof (await b24.auth.refreshAuth()).access_token,
  installFinish: () => b24.installFinish(),
  setTitle: (text) => b24.parent.setTitle(text),
  resize: ([width, height]) => b24.parent.resizeWindow(width, height),
  openPath: (path) => b24.slider.openPath(new URL(path, origin)),
  openSlider: async (params) => {
    const closed = b24.slider.openSliderAppPage(params)
    await until(() => windows.length > 1)
    post(`getInitData:slider:${sidOf(windows[1])}`, { from: 1 })
    await until(() => windows[1].answers.length)
    post(`closeApplication:x:${sidOf(windows[1])}`, { from: 1 })
    await closed
    return JSON.parse(windows[1].answers[0].slice('slider:'.length)).PLACEMENT_OPTIONS
  },
  selectUsers: () => b24.dialog.selectUsers(),
  selectUser: () => b24.dialog.selectUser(),
  selectCRM: () => b24.dialog.selectCRM(),
  getInterface: () => b24.placement.getInterface(),
  bindEvent: () => b24.placement.bindEvent('event', () => {}),
  // A message as it is, with `SID` replaced: the answers to it, and why it was dropped.
  post: async ([data, options]) => {
    const [answered, reported] = [windows[0].answers.length, reports.length]
    const sid = sidOf(windows[0])
    post(JSON.parse(JSON.stringify(data).replaceAll('SID', sid)), options)
    // This answer waits for what the message writes.
    post(`getInitData:end:${sid}`)
    await until(() => windows[0].answers.at(-1)?.startsWith('end:'))
    const answers = windows[0].answers.splice(answered).filter((text) => !text.startsWith('end:'))
    const dropped = reports.slice(reported).filter(({ direction }) => direction === 'dropped')
    return [...answers, ...dropped.map(({ problem }) => problem)]
  },
  write: async (values) => {
    values.forEach((value) => post(`setUserOption:${JSON.stringify(value)}::${sidOf(windows[0])}`))
    post(`getInitData:written:${sidOf(windows[0])}`)
    await until(() => windows[0].answers.at(-1)?.startsWith('written:'))
    return JSON.parse(windows[0].answers.at(-1).slice('written:'.length)).USER_OPTIONS
  },
}

async function run(step) {
  const [[runner, argument]] = Object.entries(step)
  try {
    return (await runners[runner](argument)) ?? null
  } catch (error) {
    return { thrown: `${error.code ?? error.name}: ${error.message}` }
  }
}

await until(() => forms.length || reports.length)
const outcomes = []
for (const step of steps) {
  outcomes.push(await run(step))
}
await until(() => !('installFinish' in steps.at(-1)) || done.reloads)
const [frame] = section.children
process.stdout.write(JSON.stringify({
  outcomes, reports, forms, ...done,
  title: section.parts['[data-title]'].textContent,
  problem: section.parts['[data-problem]'],
  frame: frame && { name: frame.name, style: frame.style },
}))
process.exit()
