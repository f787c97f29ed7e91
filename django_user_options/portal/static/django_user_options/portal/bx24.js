// Gives an application's page, in a frame of the portal, the global `BX24` of bx24.d.ts.
(() => {
  'use strict'

  const PATIENCE_MS = 10_000

  // The portal as the frame names it; the name outlives navigations in the frame, the query does not.
  const query = new URLSearchParams(window.location.search)
  const named = window.name.split('|')
  const [domain, protocol, sid] =
    named.length === 3 ? named : ['DOMAIN', 'PROTOCOL', 'APP_SID'].map((name) => query.get(name))
  const framed = Boolean(domain && sid) && window.parent !== window
  const portal = framed ? new URL(`${protocol === '1' ? 'https' : 'http'}://${domain}`).origin : ''

  // Messages to the portal, and what waits for its answers.
  const receivers = new Map()
  let messages = 0

  function send(command, parameters, receive) {
    const id = `${++messages}`
    const text = parameters === undefined ? '' : `:${JSON.stringify(parameters)}`
    receivers.set(id, receive)
    window.parent.postMessage(`${command}${text}:${id}:${sid}`, portal)
    return id
  }

  function ask(command, parameters) {
    return new Promise((resolve) => {
      const id = send(command, parameters, (answer) => {
        receivers.delete(id)
        resolve(answer)
      })
    })
  }

  window.addEventListener('message', ({ source, origin, data }) => {
    if (source !== window.parent || origin !== portal || typeof data !== 'string') {
      return
    }
    const colon = data.indexOf(':')
    const text = data.slice(colon + 1)
    receivers.get(data.slice(0, colon))?.(text ? JSON.parse(text) : undefined)
  })

  // The protocol has no errors: a refusal is an answer like any other.
  function isRefused(answer) {
    const refused = answer?.result === 'error' && answer.errorCode !== undefined
    if (refused) {
      console.error(`BX24: ${answer.errorCode}: ${answer.errorDescription}`)
    }
    return refused
  }

  // Once the portal has said who opened the application.
  function command(name, parameters, callback) {
    open().then(() => ask(name, parameters)).then((answer) => callback?.(answer))
  }

  // The user, the application, and a copy of their options.
  let opening
  let opened
  let auth
  let userOptions = new Map()
  let appOptions = new Map()

  function open() {
    opening ??= load()
    return opening
  }

  async function load() {
    if (!framed) {
      throw new Error('BX24 works only in a frame of the portal. Open the page from there.')
    }
    const late = setTimeout(() => console.error(
      `BX24: ${portal} does not answer. The portal must be open at this address, and the ` +
      `application registered at ${window.location.origin}; localhost is not 127.0.0.1.`,
    ), PATIENCE_MS)
    const answer = await ask('getInitData')
    clearTimeout(late)
    if (isRefused(answer)) {
      throw new Error(answer.errorDescription)
    }
    opened = answer
    keepTokens(opened)
    // What was set before the portal answered is newer.
    userOptions = new Map([...Object.entries(opened.USER_OPTIONS ?? {}), ...userOptions])
    appOptions = new Map(Object.entries(opened.APP_OPTIONS ?? {}))
  }

  function keepTokens({ AUTH_ID, REFRESH_ID, AUTH_EXPIRES }) {
    auth = { AUTH_ID, REFRESH_ID, until: Date.now() + Number(AUTH_EXPIRES) * 1000 }
  }

  // Calls that need a new token at the same time share it.
  let refreshing

  function refresh() {
    refreshing ??= renew().finally(() => { refreshing = undefined })
    return refreshing
  }

  async function renew() {
    let late
    const timeout = new Promise((resolve) => { late = setTimeout(resolve, PATIENCE_MS) })
    const answer = await Promise.race([ask('refreshAuth'), timeout])
    clearTimeout(late)
    if (answer && !isRefused(answer)) {
      keepTokens(answer)
    }
  }

  // The first run of a user, and the start.
  const installers = []
  let beginning
  let finishInstall
  const finished = new Promise((resolve) => { finishInstall = resolve })
  const parsed = new Promise((resolve) => {
    if (document.readyState === 'loading') {
      document.addEventListener('DOMContentLoaded', resolve)
    } else {
      resolve()
    }
  })

  function begin() {
    beginning ??= start()
    return beginning
  }

  async function start() {
    await Promise.all([open(), parsed])
    if (!opened.FIRST_RUN) {
      return
    }
    await ask('setInstall', { install: true })
    if (installers.length) {
      installers.forEach((install) => install())
      await finished
    }
  }

  async function runScript(file) {
    const script = document.createElement('script')
    script.src = file
    script.onload = finishInstall
    document.head.append(script)
  }

  // REST calls, as forms in PHP's notation.
  function add(form, name, given) {
    const value = typeof given?.toJSON === 'function' ? given.toJSON() : given
    if (typeof value !== 'object') {
      form.append(name, value)
      return
    }
    const parts = partsOf(value)
    if (!parts.length) {
      form.append(`${name}[]`, '') // an empty list
    }
    for (const [key, part] of parts) {
      if (/^\s?$|\]/.test(key)) {
        throw new Error(`A form cannot carry the key ${JSON.stringify(key)}; set it with userOption.`)
      }
      add(form, `${name}[${key}]`, part)
    }
  }

  // A form cannot contain null: objects lose it, and in lists it becomes an empty text.
  function partsOf(value) {
    return Array.isArray(value)
      ? value.map((part, index) => [`${index}`, part ?? ''])
      : Object.entries(value).filter(([, part]) => part !== undefined && part !== null)
  }

  function encode(parameters) {
    const form = new URLSearchParams()
    for (const [name, value] of partsOf({ ...parameters })) {
      add(form, name, value)
    }
    return form
  }

  async function request(method, prepare) {
    try {
      await open()
      const parameters = prepare()
      if (Date.now() >= auth.until) {
        await refresh()
      }
      const token = auth.AUTH_ID
      const answer = await post(method, parameters)
      if (answer.status !== 401 || answer.body.error !== 'expired_token') {
        return answer
      }
      if (token === auth.AUTH_ID) {
        await refresh()
      }
      return token === auth.AUTH_ID ? answer : await post(method, parameters)
    } catch (error) {
      return failure(0, error.message)
    }
  }

  async function post(method, parameters) {
    const response = await fetch(`${portal}${opened.PATH}/${method}.json`, {
      method: 'POST',
      body: encode({ ...parameters, auth: auth.AUTH_ID }),
      credentials: 'omit',
    })
    const { status } = response
    return response.json().then(
      (body) => ({ status, body }),
      () => failure(status, `The portal answered ${status} without JSON.`),
    )
  }

  function failure(status, description) {
    return { status, body: { error: 'REQUEST_FAILED', error_description: description } }
  }

  class CallError {
    constructor(status, { error, error_description }) {
      this.status = status
      this.ex = { error, error_description }
    }

    toString() {
      return `${this.ex.error}: ${this.ex.error_description} (${this.status})`
    }
  }

  class CallResult {
    #answer
    #repeat

    constructor(answer, repeat) {
      this.#answer = answer
      this.#repeat = repeat
    }

    data() {
      return this.#answer.body.result
    }

    error() {
      const { status, body } = this.#answer
      return body.error === undefined ? undefined : new CallError(status, body)
    }

    more() {
      return this.#answer.body.next !== undefined
    }

    total() {
      return Number(this.#answer.body.total)
    }

    time() {
      return this.#answer.body.time
    }

    next(callback) {
      if (!this.more()) {
        return false
      }
      this.#repeat(this.#answer.body.next, callback)
      return true
    }
  }

  // The result of a call that can be repeated for the next page.
  function resultOf(answer, method, parameters, callback) {
    return new CallResult(answer, (start, next) => {
      BX24.callMethod(method, { ...parameters, start }, next ?? callback)
    })
  }

  // The results of a batch under the keys of its calls, those that were run.
  function resultsOf(calls, { status, body }) {
    const results = Array.isArray(calls) ? [] : {}
    const parts = ['result', 'result_error', 'result_total', 'result_next', 'result_time'].map(
      (name) => new Map(Object.entries(body.result?.[name] ?? {})),
    )
    for (const { key, method, parameters } of commandsOf(calls)) {
      const [result, error, total, next, time] = parts.map((part) => part.get(key))
      if (body.error !== undefined) {
        results[key] = resultOf({ status, body }, method, parameters)
      } else if (parts[0].has(key) || error) {
        const answer = { status, body: { result, ...error, total, next, time } }
        results[key] = resultOf(answer, method, parameters)
      }
    }
    return results
  }

  function commandsOf(calls) {
    return Object.entries(calls).map(([key, call]) => {
      const [method, parameters] = Array.isArray(call) ? call : [call.method, call.params]
      return { key, method, parameters }
    })
  }

  function commandLines(calls) {
    return commandsOf(calls).map(({ key, method, parameters }) => (
      [key, `${method}?${encode(parameters)}`]
    ))
  }

  const BX24 = {
    init(callback) {
      begin().then(() => callback?.())
    },

    install(handler) {
      installers.push(typeof handler === 'string' ? () => runScript(handler) : handler)
      begin()
    },

    installFinish() {
      open().then(() => (opened.INSTALL ? ask('setInstallFinish') : finishInstall()))
    },

    ready(callback) {
      parsed.then(() => callback())
    },

    isReady: () => document.readyState !== 'loading',
    isAdmin: () => Boolean(opened?.IS_ADMIN),
    getLang: () => opened?.LANG,
    getDomain: () => domain?.replace(/:(80|443)$/, ''),

    getAuth() {
      return opened !== undefined && Date.now() < auth.until && {
        access_token: auth.AUTH_ID,
        refresh_token: auth.REFRESH_ID,
        expires_in: auth.until,
        domain: BX24.getDomain(),
        member_id: opened.MEMBER_ID,
      }
    },

    refreshAuth(callback) {
      open().then(refresh).then(() => callback?.(BX24.getAuth()))
    },

    callMethod(method, parameters, callback) {
      request(method, () => parameters).then((answer) => {
        callback?.(resultOf(answer, method, parameters, callback))
      })
    },

    callBatch(calls, callback, halt = false) {
      const batch = () => ({ halt: Number(halt), cmd: Object.fromEntries(commandLines(calls)) })
      request('batch', batch).then((answer) => callback?.(resultsOf(calls, answer)))
    },

    userOption: {
      get: (name) => userOptions.get(name),
      set(name, value = null) {
        userOptions.set(name, value)
        command('setUserOption', { name, value }, isRefused)
      },
    },

    appOption: {
      get: (name) => appOptions.get(name),
      set(name, value = null, callback) {
        if (BX24.isAdmin()) {
          appOptions.set(name, value)
        }
        command('setAppOption', { name, value }, (answer) => {
          if (!isRefused(answer)) {
            appOptions = new Map(Object.entries(answer))
          }
          callback?.(answer)
        })
      },
    },

    resizeWindow: (width, height, callback) => command('resizeWindow', { width, height }, callback),
    fitWindow(callback) {
      // A page that does not scroll may be lower than its frame.
      const { clientHeight, offsetHeight, scrollHeight } = document.documentElement
      const height = scrollHeight > clientHeight ? scrollHeight : offsetHeight
      BX24.resizeWindow('100%', height, callback)
    },
    getScrollSize() {
      const { scrollWidth, scrollHeight } = document.documentElement
      return { scrollWidth, scrollHeight }
    },
    scrollParentWindow: (scroll, callback) => command('setScroll', { scroll }, callback),
    reloadWindow: (callback) => command('reloadWindow', undefined, callback),
    setTitle: (title, callback) => command('setTitle', { title }, callback),
    openApplication: (parameters, callback) => command('openApplication', parameters, callback),
    closeApplication: (callback) => command('closeApplication', undefined, callback),
    openPath: (path, callback) => command('openPath', { path }, callback),

    placement: {
      info: () => ({ placement: opened?.PLACEMENT, options: opened?.PLACEMENT_OPTIONS }),
      getInterface: (callback) => command('getInterface', undefined, callback),
      call: (name, parameters, callback) => command(name, parameters, callback),
      bindEvent(event, callback) {
        let acknowledged = false
        open().then(() => send('placementBindEvent', { event }, (answer) => {
          if (acknowledged) {
            callback(answer)
          }
          acknowledged = true
        }))
      },
    },
  }
  window.BX24 = BX24
})()
