// The global `BX24` that bx24.js gives the page of an application.

/** What a REST method takes. In a form, numbers and booleans become text, and null vanishes. */
type BX24Parameters = Record<string, unknown>

/** A method and its parameters. */
type BX24Call = [method: string, parameters?: BX24Parameters] | { method: string, params?: BX24Parameters }

interface BX24CallError {
  /** The HTTP status; 0 if there was no answer. */
  readonly status: number
  readonly ex: { error: string, error_description: string }
  toString(): string
}

interface BX24CallResult<Data = any> {
  /** The result; undefined if the call failed. */
  data(): Data
  error(): BX24CallError | undefined
  /** Whether there is a next page. */
  more(): boolean
  /** The number of items on all pages; NaN if the method has no pages. */
  total(): number
  time(): Record<string, number | string> | undefined
  /** Call the method for the next page; false if there is none. */
  next(callback?: (result: BX24CallResult<Data>) => void): boolean
}

interface BX24Auth {
  access_token: string
  refresh_token: string
  /** When the access token expires, in milliseconds since 1970. */
  expires_in: number
  domain: string
  member_id: string
}

interface BX24OptionCopy {
  /** The value that the portal had when it opened the page, or that was set since. */
  get(name: string): any
}

interface BX24Api {
  /** Call back once the page is parsed and the portal has said who opened it. */
  init(callback?: () => void): void
  /** On the user's first visit, run a function, or a script by its address, before `init` calls back. */
  install(handler: (() => void) | string): void
  /** End the installation: that of the application, or else the user's, for which `init` waits. */
  installFinish(): void
  /** Call back once the page is parsed. */
  ready(callback: () => void): void
  isReady(): boolean
  isAdmin(): boolean
  getLang(): string | undefined
  getDomain(): string | undefined
  /** The tokens; false before `init` and after they have expired. */
  getAuth(): BX24Auth | false
  refreshAuth(callback?: (auth: BX24Auth | false) => void): void
  callMethod<Data = any>(
    method: string,
    parameters?: BX24Parameters,
    callback?: (result: BX24CallResult<Data>) => void,
  ): void
  /** Make up to 50 calls at once; the results have the keys of the calls. */
  callBatch<Calls extends BX24Call[] | Record<string, BX24Call>>(
    calls: Calls,
    callback?: (results: { [Key in keyof Calls]: BX24CallResult }) => void,
    halt?: boolean,
  ): void
  userOption: BX24OptionCopy & {
    /** Store a JSON value with its type. */
    set(name: string, value: unknown): void
  }
  appOption: BX24OptionCopy & {
    /** Store a JSON value with its type, for administrators; call back with all options. */
    set(name: string, value: unknown, callback?: (options: Record<string, any>) => void): void
  }
  resizeWindow(width: number | '100%', height: number, callback?: (size: unknown) => void): void
  /** Make the frame as wide as the portal allows, and as high as the page. */
  fitWindow(callback?: (size: unknown) => void): void
  getScrollSize(): { scrollWidth: number, scrollHeight: number }
  scrollParentWindow(scroll: number, callback?: (scroll: unknown) => void): void
  reloadWindow(callback?: () => void): void
  setTitle(title: string, callback?: (title: unknown) => void): void
  /** Open the application again, with other placement options; call back when it is closed. */
  openApplication(parameters?: Record<string, unknown>, callback?: () => void): void
  closeApplication(callback?: () => void): void
  openPath(path: string, callback?: (answer: { result: string, errorCode?: string }) => void): void
  placement: {
    info(): { placement: string | undefined, options: Record<string, any> | undefined }
    getInterface(callback: (answer: { command: string[], event: string[] }) => void): void
    call(command: string, parameters?: unknown, callback?: (answer: any) => void): void
    bindEvent(event: string, callback: (data: any) => void): void
  }
}

declare const BX24: BX24Api

interface Window {
  BX24: BX24Api
}
