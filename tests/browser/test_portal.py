"""Hostile applications in a frame, and where tokens are not, in Chromium."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest

from django_user_options.models import AppUserOption
from django_user_options.portal.models import ApplicationPage, ApplicationVisit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Frame, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

APPLICATION = "http://app.example"
EVIL = "http://evil.example"
# `ask` resolves with the portal's answer; a slow machine takes its time.
SCRIPT = """
const [domain, protocol, sid] = name.split('|')
const portal = `${Number(protocol) ? 'https' : 'http'}://${domain}`
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))
function ask(command, params) {
  const id = crypto.randomUUID ? crypto.randomUUID() : String(Math.random())
  return new Promise((resolve, reject) => {
    addEventListener('message', ({ data }) => {
      if (String(data).startsWith(id)) resolve(data.slice(id.length + 1))
    })
    setTimeout(() => reject(new Error(`No answer to ${command}`)), 30000)
    parent.postMessage(`${command}:${JSON.stringify(params)}:${id}:${sid}`, '*')
  })
}
"""
SET = {"name": "n", "value": 1}


@dataclass
class Visit:
    """A user's window with the portal's page, and all requests of it."""

    page: Page
    live_server: Any
    requests: list[Any] = field(default_factory=list)

    @property
    def frame(self) -> Frame:
        """The application's page."""
        self.page.frame_locator("iframe").locator("#ready").wait_for()
        return self.page.frames[1]

    def ask(self, *arguments: Any) -> Any:
        return self.frame.evaluate("(all) => ask(...all)", list(arguments))

    def sent_to(self, origin: str) -> list[Any]:
        return [request for request in self.requests if request.url.startswith(origin)]


@pytest.fixture
def visit(
    browser: Browser, live_server: Any, application: Any, client: Any, user: Any
) -> Iterator[Visit]:
    """Open an application whose page does what the test tells it to."""
    listed = ApplicationPage.objects.create(
        application=application, title="Notes", address=f"{APPLICATION}/start"
    )
    client.force_login(user)
    context = browser.new_context(base_url=live_server.url)
    context.add_cookies([
        {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    ])  # fmt: skip
    visit = Visit(context.new_page(), live_server)

    def answer(route: Route) -> None:
        html = f"<script>{SCRIPT}</script><p id=ready>Ready</p>"
        route.fulfill(content_type="text/html", body=html)

    context.route(f"{APPLICATION}/**", answer)
    context.route(f"{EVIL}/**", answer)
    # Playwright cannot call a method of a list.
    context.on("request", lambda sent: visit.requests.append(sent))  # noqa: PLW0108
    dialogs: list[str] = []
    visit.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    visit.page.goto(listed.get_absolute_url())
    yield visit
    context.close()
    assert dialogs == []


def posted(visit: Visit) -> dict[str, str]:
    """Return the form that the application got."""
    request = next(
        each for each in visit.requests if each.method == "POST" and APPLICATION in each.url
    )
    return {name: value for name, (value,) in parse_qs(request.post_data).items()}


def test_tokens_are_in_no_address_history_referer_or_log(
    visit: Visit, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    visit.ask("setUserOption", SET)
    visit.ask("refreshAuth", {})
    form = posted(visit)
    visit.page.reload()
    visit.ask("getInitData", {})
    referers = [request.headers.get("referer", "") for request in visit.requests]
    seen = [
        *[request.url for request in visit.requests],
        *referers,
        *[frame.url for frame in visit.page.frames],
        visit.page.evaluate("JSON.stringify([location, history.state, performance.getEntries()])"),
        visit.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])"),
        caplog.text,
    ]
    secrets = [form[name] for name in ("AUTH_ID", "REFRESH_ID", "APPLICATION_TOKEN")]
    assert [text for text in seen if any(secret in text for secret in secrets)] == []
    # The application learns the portal's origin, and nothing else.
    assert visit.sent_to(APPLICATION)[0].headers["referer"] == f"{visit.live_server.url}/"


# A frame in the frame knows the sid, and speaks to the same window.
NESTED = """
const nested = document.createElement('iframe')
nested.srcdoc = `<script>top.postMessage('${SET.replace('SID', sid)}', '*')</script>`
document.body.append(nested)
"""


@pytest.mark.parametrize(
    "forge",
    [
        "parent.postMessage(SET.replace('SID', '0'.repeat(32)), '*')",
        "parent.postMessage(SET.replace('SID', ''), '*')",
        "postMessage(SET.replace('SID', sid), '*')",
        NESTED,
    ],
)
def test_a_forged_message_changes_nothing(visit: Visit, forge: str) -> None:
    message = 'const SET = `setUserOption:{"name":"n","value":1}:id:SID`'
    visit.frame.evaluate(f"async () => {{ {message}\n{forge}\nawait wait(500) }}")
    assert visit.ask("getInterface", {}) == '{"command":[],"event":[]}'
    assert not AppUserOption.objects.exists()


def test_a_page_that_the_application_opens_does_not_see_the_portal(visit: Visit) -> None:
    with visit.page.context.expect_page() as opened:
        visit.frame.evaluate(f"void window.open('{EVIL}/')")
    assert opened.value.evaluate("[opener, parent === window]") == [None, True]


@pytest.mark.parametrize(
    "leave", ["location.href = '{}/?' + name", "top.location.href = '{}/?' + name"]
)
def test_neither_the_frame_nor_the_page_navigates_away(visit: Visit, leave: str) -> None:
    before = visit.page.url
    visit.frame.evaluate("(code) => { try { eval(code) } catch {} }", leave.format(EVIL))
    visit.page.wait_for_timeout(500)
    assert visit.page.url == before
    assert EVIL not in "".join(frame.url for frame in visit.page.frames)
    assert all(request.post_data is None for request in visit.sent_to(EVIL))


def test_a_title_is_text_and_short(visit: Visit, expect: Any) -> None:
    title = "<img src=x onerror=alert(1)>" + "x" * 1_000_000
    visit.ask("setTitle", {"title": title})
    heading = visit.page.locator("h1")
    expect(heading).to_have_text(title[:255])
    assert heading.locator("*").count() == 0


def test_megabytes_are_refused_and_the_page_keeps_working(
    visit: Visit, application: Any, user: Any
) -> None:
    large = visit.frame.evaluate("ask('setUserOption', {name: 'n', value: 'x'.repeat(4e6)})")
    assert '"errorCode":"INVALID_REQUEST"' in large
    assert not AppUserOption.objects.exists()
    assert visit.ask("setUserOption", SET) == "true"
    assert AppUserOption.objects.for_owner(application, user).as_mapping() == {"n": 1}


def test_after_signing_out_there_are_no_tokens(visit: Visit, expect: Any, client: Any) -> None:
    visit.frame.wait_for_load_state()
    client.logout()
    answers = [visit.ask(command, {}) for command in ("refreshAuth", "getInitData")]
    assert all("ACCESS_DENIED" in answer for answer in answers)
    expect(visit.page.get_by_role("alert")).to_be_visible()


def test_an_application_that_the_user_may_not_open_is_not_loaded(
    visit: Visit, settings: Any, expect: Any
) -> None:
    visit.frame.wait_for_load_state()
    settings.USER_OPTIONS = {"ACCESS_RULE": "operator.is_"}
    seen = len(visit.sent_to(APPLICATION))
    visit.page.reload()
    expect(visit.page.get_by_role("alert")).to_have_text("You may not open this application.")
    assert len(visit.sent_to(APPLICATION)) == seen
    assert ApplicationVisit.objects.count() == 1
