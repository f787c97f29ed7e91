// Runs the steps given on standard input through the vendor's SDK for JavaScript and prints
// what came of each as JSON. First argument: the folder that the SDK is installed in.
import { createRequire } from 'node:module'
import { json } from 'node:stream/consumers'

const require = createRequire(`${process.argv[2]}/package.json`)
const { B24Hook, B24OAuth } = require('@bitrix24/b24jssdk')

const { webhook, oauth, secret, steps } = await json(process.stdin)
const b24 = webhook ? B24Hook.fromWebhookUrl(webhook) : new B24OAuth(oauth, secret)
b24.offClientSideWarning()

const refreshes = []
if (oauth) {
  b24.setCallbackRefreshAuth(async ({ authData, b24OAuthParams }) => {
    refreshes.push({ authData, b24OAuthParams })
  })
}

const runners = {
  call: async ([method, params]) => outcome(await b24.actions.v2.call.make({ method, params })),
  batch: async ({ calls, options = {} }) => {
    const response = await b24.actions.v2.batch.make({
      calls,
      options: { ...options, returnAjaxResult: true },
    })
    const results = Object.entries(response.getData())
    return Object.fromEntries(results.map(([key, result]) => [key, outcome(result)]))
  },
  refresh: () => b24.auth.refreshAuth(),
  healthCheck: () => b24.tools.healthCheck.make(),
  isAdmin: async () => {
    await b24.initIsAdmin()
    return b24.auth.isAdmin
  },
}

function outcome(result) {
  if (result.isSuccess) {
    return result.getData()
  }
  return { errors: [...result.getErrors()].map(described) }
}

function described({ name, code, status, message }) {
  return { name, code, status, message }
}

async function run(step) {
  const [[runner, argument]] = Object.entries(step)
  try {
    return await runners[runner](argument)
  } catch (error) {
    return { thrown: described(error) }
  }
}

const outcomes = []
for (const step of steps) {
  outcomes.push(await run(step))
}
process.stdout.write(JSON.stringify({ outcomes, refreshes }))
