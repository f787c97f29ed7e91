/* The portal's half of the window protocol: opens applications in frames and answers them. */
(() => {
  'use strict'

  const TOKENS = new Set(['APPLICATION_TOKEN', 'AUTH_ID', 'REFRESH_ID', 'access_token', 'auth', 'refresh_token'])
  const LONGEST_TITLE = 255
  const LARGEST_SIZE = 100_000
  const SECONDS_TO_WAIT = 30

  class Refusal extends Error {
    constructor(code, description = '') {
      super(description)
      this.answer = { result: 'error', errorCode: code, errorDescription: description }
    }
  }

  /** Tell listeners, such as the developer panel, what was sent and received, without tokens. */
  function report(detail) {
    const text = JSON.stringify(detail, (key, value) => (value && TOKENS.has(key) ? '***' : value))
    document.dispatchEvent(new CustomEvent('user-options-portal', { detail: JSON.parse(text) }))
  }

  /** Read `command[:params]:id:sid`. Messages to the vendor's messenger are objects. */
  function parse(data) {
    if (typeof data !== 'string') {
      const { method, appSid } = Object(data)
      return { command: typeof method === 'string' ? method : '', params: '', id: '', sid: appSid }
    }
    const [start, end] = [data.indexOf(':'), data.lastIndexOf(':')]
    const beforeId = data.lastIndexOf(':', end - 1)
    return {
      command: data.slice(0, start),
      params: data.slice(start + 1, Math.max(beforeId, start + 1)),
      id: data.slice(beforeId + 1, end),
      sid: data.slice(end + 1),
    }
  }

  function size(value) {
    const number = Number.parseInt(value, 10)
    if (value === '100%') {
      return value
    }
    return number > 0 ? `${Math.min(number, LARGEST_SIZE)}px` : ''
  }

  function titleOf(value) {
    return String(value ?? '').slice(0, LONGEST_TITLE)
  }

  /** Reload this page once the answer has been sent. */
  function reloadSoon() {
    setTimeout(() => window.location.reload())
  }

  class Portal {
    constructor(section) {
      this.section = section
      this.frames = []
      this.written = Promise.resolve()
      this.token = ''
      window.addEventListener('message', (event) => this.receive(event))
      this.open(section).catch((error) => report({ direction: 'problem', problem: String(error) }))
    }

    /** Tell the person that nothing works now, and return the refusal. */
    fail(code, text) {
      const problem = this.section.querySelector('[data-problem]')
      problem.textContent = text || problem.textContent
      problem.hidden = false
      report({ direction: 'problem', problem: code })
      return new Refusal(code, text)
    }

    async fetch(address, options) {
      const signal = AbortSignal.timeout(SECONDS_TO_WAIT * 1000)
      try {
        return await fetch(address, { ...options, method: 'POST', redirect: 'error', signal })
      } catch {
        throw this.fail('INTERNAL_SERVER_ERROR')
      }
    }

    /** Ask the portal's server, as the user who is signed in. */
    async ask(command) {
      const response = await this.fetch(this.section.dataset.applicationPage, {
        body: new URLSearchParams({ command }),
        headers: { 'X-CSRFToken': this.section.dataset.csrfToken },
      })
      // Django's own refusals are pages.
      const answer = await response.json().catch(() => ({}))
      if (!response.ok) {
        throw this.fail(answer.error ?? 'ACCESS_DENIED', answer.refusal)
      }
      this.token = answer.AUTH_ID ?? answer.fields?.AUTH_ID ?? this.token
      return answer
    }

    /** Call a REST method as the application; a token that has expired is renewed once. */
    async call(method, params, renew = true) {
      const response = await this.fetch(this.section.dataset.restUrl.replace(/-$/, method), {
        body: JSON.stringify({ ...params, auth: this.token }),
        credentials: 'omit',
        headers: { 'Content-Type': 'application/json' },
      })
      const answer = await response.json().catch(() => ({ error: 'INTERNAL_SERVER_ERROR' }))
      if (answer.error === 'expired_token' && renew) {
        await this.ask('refreshAuth')
        return this.call(method, params, false)
      }
      if (answer.error !== undefined) {
        throw new Refusal(answer.error, answer.error_description)
      }
      return answer.result
    }

    /** Run one write after the other: of two writes of one option, the last one counts. */
    inOrder(work) {
      const done = this.written.then(work)
      this.written = done.catch(() => {})
      return done
    }

    /** Open the application in a new frame, and post into it who opened it. */
    async open(place, options) {
      const { action, fields, name, sid, title } = await this.ask('open')
      const frame = this.copy('frame')
      // A browser takes the name for `window.name` only now; the application reads it there.
      Object.assign(frame, { name, title })
      place.append(frame)
      const form = document.createElement('form')
      Object.assign(form, { action, hidden: true, method: 'post', target: name })
      const own = options ? { PLACEMENT_OPTIONS: JSON.stringify(options) } : {}
      for (const [field, value] of Object.entries({ ...fields, ...own })) {
        form.append(Object.assign(document.createElement('input'), { name: field, value }))
      }
      const opened = { frame, heading: place.querySelector('[data-title]'), options, place, sid }
      opened.origin = new URL(action).origin
      this.frames.push(opened)
      document.body.append(form)
      // Not `form.submit()`: a field of this name would hide it.
      HTMLFormElement.prototype.submit.call(form)
      form.remove()
      return opened
    }

    copy(name) {
      const template = this.section.querySelector(`template[data-${name}]`)
      return template.content.firstElementChild.cloneNode(true)
    }

    /** Answer a message, if it comes from the page that was opened in one of the frames. */
    async receive({ data, origin, source }) {
      const opened = this.frames.find(({ frame }) => frame.contentWindow === source)
      if (!opened) {
        return
      }
      if (origin !== opened.origin) {
        report({ direction: 'dropped', problem: 'origin', expected: opened.origin, origin })
        return
      }
      const message = parse(data)
      if (message.sid !== opened.sid || !COMMANDS.has(message.command)) {
        const problem = message.sid === opened.sid ? 'command' : 'sid'
        report({ direction: 'dropped', problem, command: message.command })
        return
      }
      const answer = await this.run(opened, message)
      report({ direction: 'out', command: message.command, id: message.id, answer })
      if (message.id !== '') {
        const text = answer === undefined ? '' : JSON.stringify(answer)
        opened.frame.contentWindow?.postMessage(`${message.id}:${text}`, opened.origin)
      }
    }

    async run(opened, { command, params, id }) {
      try {
        const read = Object(JSON.parse(params || '{}'))
        report({ direction: 'in', command, id, params: read })
        return await COMMANDS.get(command)(this, read, opened)
      } catch (error) {
        return (error instanceof Refusal ? error : new Refusal('INVALID_REQUEST')).answer
      }
    }

    /** Show the application again in a frame on top, until somebody closes it. */
    async slide(params) {
      const slider = this.copy('slider')
      const closed = new Promise((resolve) => slider.addEventListener('close', resolve))
      slider.querySelector('[data-title]').textContent = titleOf(params.bx24_title)
      slider.style.width = size(params.bx24_width)
      this.section.append(slider)
      slider.showModal()
      try {
        const own = Object.entries(params).filter(([name]) => !name.startsWith('bx24_'))
        await this.open(slider, Object.fromEntries(own))
        await closed
      } finally {
        this.frames = this.frames.filter(({ place }) => place !== slider)
        slider.remove()
      }
    }
  }

  // By command: what the portal does, and its answer. An unknown one gets no answer, as at the
  // vendor; the refusals are the protocol's. Nobody here can be chosen in the vendor's dialogs.
  const COMMANDS = new Map(Object.entries({
    getInitData: async (portal, params, { options }) => {
      await portal.written
      const data = await portal.ask('getInitData')
      return { ...data, PLACEMENT_OPTIONS: options ?? data.PLACEMENT_OPTIONS }
    },
    refreshAuth: (portal) => portal.ask('refreshAuth'),
    setInstall: (portal) => portal.ask('setInstall'),
    setInstallFinish: async (portal) => {
      const { reload, ...answer } = await portal.ask('setInstallFinish')
      if (reload) {
        reloadSoon()
      }
      return answer
    },
    setUserOption: (portal, { name, value }) =>
      portal.inOrder(() => portal.call('user.option.set', { options: { [name]: value } })),
    setAppOption: (portal, { name, value }) =>
      portal.inOrder(async () => {
        await portal.call('app.option.set', { options: { [name]: value } })
        return portal.call('app.option.get')
      }),
    setTitle: (portal, { title }, { frame, heading }) => {
      frame.title = heading.textContent = titleOf(title)
    },
    resizeWindow: (portal, { width, height }, { frame }) => {
      Object.assign(frame.style, { width: size(width), height: size(height) })
    },
    setScroll: (portal, { scroll }) => window.scrollTo({ top: Number(scroll) || 0 }),
    reloadWindow: reloadSoon,
    openApplication: (portal, params) => portal.slide(params),
    closeApplication: (portal, params, { place }) => place.close?.(),
    openPath: (portal, { path }) => {
      // The address that an SDK sends begins with a detour, which `URL` resolves.
      const url = new URL(String(path), window.location.origin)
      if (url.origin !== window.location.origin) {
        throw new Refusal('PATH_NOT_AVAILABLE')
      }
      url.searchParams.delete('IFRAME')
      url.searchParams.delete('IFRAME_TYPE')
      if (!window.open(url, '_blank')) {
        throw new Refusal('METHOD_NOT_SUPPORTED_ON_DEVICE')
      }
      return { result: 'close' }
    },
    getInterface: () => ({ command: [], event: [] }),
    placementBindEvent: () => undefined,
    selectUser: (portal, { mult }) => (mult ? [] : null),
    selectAccess: () => [],
    selectCRM: () => ({}),
  }))

  for (const section of document.querySelectorAll('[data-application-page]')) {
    new Portal(section)
  }
})()
