// Rules for the scripts; NPM_FOLDER is where the packages are installed.
import { createRequire } from 'node:module'

const require = createRequire(`${process.env.NPM_FOLDER}/package.json`)
const js = require('@eslint/js')
const globals = require('globals')

export default [
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2022, globals: globals.browser, sourceType: 'script' },
    rules: { eqeqeq: 'error', 'no-var': 'error', 'prefer-const': 'error', strict: ['error', 'function'] },
  },
]
