"""Whole visits to an application in a frame of the demo's portal, on an origin of its own."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.request import Request, urlopen

import pytest

from example_project.application_server import ApplicationServer
from tests.npm import installed
from tests.processes import demo_served, environment, free_port, manage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

# As the vendor's documentation of the method has it.
EXAMPLE = """
BX24.callMethod(
    'user.option.set',
    {
        "options": {
            "data": "value",
            "data2": "value2",
        }
    },
    function(result)
    {
        if(result.error())
            console.error(result.error());
        else
            console.log(result.data());
    }
);
"""


SDK_CALLS = """async () => {
  const portal = await B24Js.initializeB24Frame()
  await portal.options.userSet('number', 1.5)
  await portal.options.appSet('plan', { paid: true })
  const made = await portal.actions.v2.call.make({
    method: 'user.option.set', params: { options: { list: [1, '2', null] } },
  })
  const batch = await portal.actions.v2.batch.make({
    calls: { user: ['user.option.get', {}], app: ['app.option.get', { option: 'plan' }] },
    options: { returnAjaxResult: true },
  })
  const { user, app } = batch.getData()
  return [made.getData().result, user.getData().result, app.getData().result]
}"""
SDK_COPIES = """async () => {
  const { options } = await B24Js.initializeB24Frame()
  return [options.userGet('number'), options.appGet('plan')]
}"""
SDK_REFUSAL = """async () => {
  const portal = await B24Js.initializeB24Frame()
  const params = { options: { plan: 'mine' } }
  return portal.actions.v2.call.make({ method: 'app.option.set', params }).catch(({ code }) => code)
}"""
SDK_PATH = """() => {
  addEventListener('click', async () => {
    const portal = await B24Js.initializeB24Frame()
    portal.slider.openPath(portal.slider.getUrl('/admin/'))
  })
}"""
GET_TWO = """() => Promise.all(['a', 'b'].map((option) => new Promise((resolve) => {
  BX24.callMethod('user.option.get', { option }, (result) => resolve(result.data()))
})))"""
SET_PLAN = """() => new Promise((resolve) => BX24.appOption.set('plan', 'free', resolve))"""


class Demo(NamedTuple):
    """A served demo: the portal's page, and the password of the administrator."""

    page: str
    password: str


@contextmanager
def served_demo(folder: Path, *options: str) -> Iterator[Demo]:
    port, env = free_port(), environment(folder / "demo.sqlite3")
    text = manage(env, "demo", "--no-serve", "--port", port, *options)
    [page] = re.findall(r"http\S+/portal/\S+", text)
    [password] = re.findall(r"Password: (\S+)", text)
    with demo_served(env, port, folder / "server.log", *options):
        yield Demo(page, password)


@contextmanager
def running(server: ThreadingHTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with server:
        yield
        server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    sdk = installed("@bitrix24/b24jssdk@2.2.0")
    sdk /= "node_modules/@bitrix24/b24jssdk/dist/umd/index.min.js"
    options = ("--app-port", free_port(), "--sdk", str(sdk))
    with served_demo(tmp_path_factory.mktemp("demo"), *options) as demo:
        yield demo


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open the portal's page in a new window, as the administrator."""
    contexts = []

    def visit(demo: Demo, **options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.goto(demo.page)
        page.fill("[name=username]", "demo-admin")
        page.fill("[name=password]", demo.password)
        page.click("[type=submit]")
        return page

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture
def page(visit: Callable[..., Page], demo: Demo) -> Page:
    return visit(demo)


@pytest.fixture
def application(page: Page) -> Any:
    """The application's page in the frame."""
    return page.frame_locator("iframe")


def open_sdk(application: Any, expect: Any) -> Any:
    """Go to the version with the official SDK and return its document."""
    application.get_by_role("link", name="b24jssdk").click()
    expect(application.locator("b")).to_have_text("b24jssdk")
    expect(application.locator("output")).to_be_visible()
    return application.locator(":root")


def logged(page: Page, kind: str, text: str) -> Any:
    """Return the entries of the developer's log that have the text."""
    return page.locator(f"[data-log] [data-kind={kind}]", has_text=text)


def switch(page: Page, what: str, label: str) -> None:
    page.select_option(f"[name={what}]", label=label)
    page.click(f"form:has([name={what}]) button")


def press(application: Any, name: str) -> None:
    application.get_by_role("button", name=name).click()


def test_an_administrator_installs_the_application_at_the_first_visit(
    page: Page, application: Any, expect: Any
) -> None:
    page.click("[name=installation]")
    switch(page, "user", "demo-user")
    expect(page.locator("[role=alert]")).to_contain_text("An administrator has to install")
    switch(page, "user", "demo-admin")
    press(application, "Install Notes")
    expect(application.locator("output")).to_be_visible()
    page.click("[name=first_run]")
    expect(logged(page, "in", "setInstall")).to_have_count(1)
    expect(application.locator("output")).to_be_visible()


def test_the_documented_example_works_when_pasted_into_a_page(
    page: Page, application: Any, expect: Any
) -> None:
    expect(application.locator("output")).to_be_visible()
    with page.expect_console_message(lambda message: message.type == "log") as message:
        page.frames[1].add_script_tag(content=EXAMPLE)
    assert message.value.text == "true"
    expect(logged(page, "call", '{"data":"value","data2":"value2"}')).to_have_count(1)


def test_each_user_keeps_a_theme_and_a_counter_in_both_versions(
    page: Page, application: Any, expect: Any
) -> None:
    html, counter = application.locator("html"), application.locator("output")
    press(application, "Dark")
    press(application, "Add one")
    expect(logged(page, "call", '"theme":"dark"')).to_have_count(1)
    expect(logged(page, "call", '"counter":1')).to_have_count(1)
    open_sdk(application, expect)
    expect(counter).to_have_text("1")
    expect(html).to_have_attribute("data-theme", "dark")
    press(application, "Add one")
    expect(logged(page, "call", '"counter":2')).to_have_count(1)
    page.reload()
    expect(counter).to_have_text("2")
    expect(html).to_have_attribute("data-theme", "dark")
    switch(page, "user", "demo-user")
    expect(counter).to_have_text("0")
    expect(html).to_have_attribute("data-theme", "light")


def test_a_token_that_expired_is_renewed_once(page: Page, application: Any, expect: Any) -> None:
    expect(application.locator("output")).to_be_visible()
    with page.expect_response(lambda response: response.status == 204):
        page.click("[name=expired]")
    assert application.locator(":root").evaluate(GET_TWO) == [None, None]
    expect(logged(page, "in", "refreshAuth")).to_have_count(1)
    expect(logged(page, "call", "401 user.option.get")).to_have_count(2)
    expect(logged(page, "call", "200 user.option.get")).to_have_count(2)


def test_the_official_sdk_sets_and_gets(page: Page, application: Any, expect: Any) -> None:
    made, user, plan = open_sdk(application, expect).evaluate(SDK_CALLS)
    assert (made, plan) == (True, {"paid": True})
    assert user.items() >= {"number": 1.5, "list": [1, "2", None]}.items()
    page.reload()
    assert open_sdk(application, expect).evaluate(SDK_COPIES) == [1.5, {"paid": True}]


def test_options_of_the_application_are_for_administrators(
    page: Page, application: Any, expect: Any
) -> None:
    expect(application.locator("output")).to_be_visible()
    assert application.locator(":root").evaluate(SET_PLAN)["plan"] == "free"
    page.click("[name=administrator]")
    expect(page.locator("[name=administrator]")).to_have_attribute("value", "yes")
    expect(application.locator("output")).to_be_visible()
    refusal = application.locator(":root").evaluate(SET_PLAN)
    assert (refusal["result"], refusal["errorCode"]) == ("error", "AccessException")
    assert open_sdk(application, expect).evaluate(SDK_REFUSAL) == "AccessException"
    page.click("[name=administrator]")


def test_the_sdk_opens_a_path_of_the_portal_despite_its_dots(
    page: Page, application: Any, expect: Any
) -> None:
    open_sdk(application, expect).evaluate(SDK_PATH)
    with page.context.expect_page() as opened:
        application.locator("output").click()
    assert opened.value.url.endswith("/admin/")


def test_a_narrow_window_never_scrolls_sideways_in_russian(
    visit: Callable[..., Page], demo: Demo, expect: Any
) -> None:
    page = visit(demo, viewport={"width": 390, "height": 800})
    switch(page, "language", "Русский")
    press(page.frame_locator("iframe"), "Светлая")
    expect(logged(page, "call", '"theme":"light"').first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


class Proxy(BaseHTTPRequestHandler):
    """Passes pages on, but not the header Host, as some servers of front ends do."""

    portal = ""

    def do_GET(self) -> None:
        headers = {"Cookie": self.headers["Cookie"] or ""}
        with urlopen(Request(f"{self.portal}{self.path}", headers=headers)) as answer:
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers["Content-Type"])
            self.end_headers()
            self.wfile.write(answer.read())

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def test_a_portal_at_another_address_than_the_frame_says_is_a_problem_in_the_log(
    page: Page, demo: Demo, expect: Any
) -> None:
    portal, path = re.fullmatch("(http://[^/]+)(/.*)", demo.page).groups()
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Proxy,), {"portal": portal}))
    address = f"127.0.0.1:{proxy.server_port}"
    with running(proxy):
        page.goto(f"http://{address}{path}")
        problem = logged(page, "problem", f"You opened this page at {address}")
        expect(problem).to_contain_text(f"messages to {portal.removeprefix('http://')},")


def test_a_developers_own_page_on_localhost_instead_of_127_0_0_1_is_a_problem_in_the_log(
    visit: Callable[..., Page], tmp_path: Path, expect: Any
) -> None:
    address = f"http://127.0.0.1:{free_port()}/"
    other = address.replace("127.0.0.1", "localhost")
    start = tmp_path / "start.html"
    start.write_text(f"<button onclick=\"location = '{other}'\">Go on</button>")
    application = ApplicationServer(address, portal="", sdk=start)
    application.files["/"] = start
    with running(application), served_demo(tmp_path, "--app", address) as demo:
        page = visit(demo)
        press(page.frame_locator("iframe"), "Go on")
        problem = logged(page, "problem", f"did not show {other.rstrip('/')}")
        expect(problem).to_contain_text(f"registered at {address.rstrip('/')}.")
