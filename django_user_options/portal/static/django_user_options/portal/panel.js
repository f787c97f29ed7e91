// Lists the messages of an application in a frame, and its REST calls, for its developer.
(() => {
  'use strict'

  const ARROWS = { in: '→', out: '←' }
  const PAUSE_MS = 5000
  const ENTRIES_KEPT = 500
  const CHARACTERS_SHOWN = 10_000
  const section = document.querySelector('[data-calls]')
  const log = section.querySelector('[data-log]')
  const { dataset } = section

  function show(kind, title, value) {
    const entry = document.createElement('li')
    const details = document.createElement('details')
    const summary = document.createElement('summary')
    const text = document.createElement('pre')
    summary.textContent = `${title} ${JSON.stringify(value)}`.slice(0, CHARACTERS_SHOWN)
    text.textContent = JSON.stringify(value, null, 2)?.slice(0, CHARACTERS_SHOWN)
    details.append(summary, text)
    entry.dataset.kind = kind
    entry.append(value === undefined ? title : details)
    log.prepend(entry)
    log.children[ENTRIES_KEPT]?.remove()
  }

  function explain(text, origin, expected) {
    show('problem', text.replaceAll('{origin}', origin).replaceAll('{expected}', expected))
  }

  document.addEventListener('user-options-portal', ({ detail }) => {
    const { direction, problem, origin, expected, command, params, answer } = detail
    if (problem === 'origin') {
      explain(dataset.address, origin, expected)
    } else if (problem) {
      show('problem', `${direction}: ${problem} ${command ?? ''}`)
    } else {
      show(direction, `${ARROWS[direction]} ${command}`, params ?? answer)
    }
  })

  // The portal's page allows frames of the application's origin only.
  document.addEventListener('securitypolicyviolation', ({ blockedURI, effectiveDirective, originalPolicy }) => {
    if (effectiveDirective === 'frame-src') {
      const [, allowed] = originalPolicy.match(/frame-src ([^;]*)/)
      explain(dataset.policy, blockedURI, allowed)
    }
  })

  if (dataset.host !== window.location.host) {
    explain(dataset.portal, window.location.host, dataset.host)
  }

  function read(text) {
    try {
      const value = JSON.parse(text)
      delete value.time
      return value
    } catch {
      return text // XML, or cut off
    }
  }

  async function listen(after) {
    const response = await fetch(`${dataset.calls}?after=${after}`)
    const { calls } = await response.json()
    for (const { method, parameters, status, answer } of calls) {
      show('call', `${status} ${method}`, { parameters: read(parameters), answer: read(answer) })
    }
    return calls.at(-1)?.number ?? after
  }

  async function listenOn() {
    let after = Number(dataset.after)
    for (;;) {
      const pause = () => new Promise((resolve) => { setTimeout(resolve, PAUSE_MS, after) })
      after = await listen(after).catch(pause)
    }
  }

  if (dataset.calls) {
    listenOn()
  }
})()
