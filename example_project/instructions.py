"""What the demo prints: commands to paste, with credentials filled in."""

from __future__ import annotations

import json
import shlex
import sys
from typing import Any

OPTIONS = {"data": "value", "data2": "value2"}


def instructions(issued: dict[str, Any], portal_page: str) -> str:
    """Return the text for new credentials; blank lines separate its parts."""
    url, token = issued["url"], issued["access_token"]
    webhook_call = _json_call(f"{issued['webhook']}user.option.set", {"options": OPTIONS})
    oauth_call = _json_call(f"{url}user.option.set", {"options": OPTIONS, "auth": token})
    return "\n\n".join(
        (
            "Set options through a webhook:",
            webhook_call,
            "Set options with an OAuth token:",
            oauth_call,
            "The same as a form, which is how PHP clients send it:",
            _form_call(f"{url}user.option.set", token),
            "Read all options back:",
            _json_call(f"{url}user.option.get", {"auth": token}),
            f"Python, to paste into the shell that this command starts: {_shell_command()}",
            _python_lines(issued),
            f"First page: {url.removesuffix('rest/')}",
            _documentation_lines(issued),
            _portal_lines(portal_page),
            _admin_lines(issued),
        )
    )


def _json_call(address: str, body: dict[str, Any]) -> str:
    return "\n".join(
        (
            "curl -X POST \\",
            '-H "Content-Type: application/json" \\',
            '-H "Accept: application/json" \\',
            f"-d '{json.dumps(body, indent=4)}' \\",
            address,
        )
    )


def _form_call(address: str, token: str) -> str:
    fields = {f"options[{key}]": value for key, value in OPTIONS.items()} | {"auth": token}
    return "\n".join(
        (
            "curl -X POST \\",
            *(f"-d '{name}={value}' \\" for name, value in fields.items()),
            address,
        )
    )


def _shell_command() -> str:
    return shlex.join([sys.executable, sys.argv[0], "shell"])


def _python_lines(issued: dict[str, Any]) -> str:
    return f"""\
from django.contrib.auth.models import User
from django_user_options.models import AppUserOption
from oauth2_provider.models import Application
app = Application.objects.get(client_id="{issued["client_id"]}")
user = User.objects.get(pk={issued["user_id"]})
AppUserOption.objects.for_owner(app, user).set_options({{"theme": "dark"}})
AppUserOption.objects.for_owner(app, user).get_option("theme", "light")
AppUserOption.objects.for_owner(app, user).as_mapping()"""


def _documentation_lines(issued: dict[str, Any]) -> str:
    docs = f"{issued['url'].removesuffix('rest/')}docs/"
    return f"""\
Read about all methods and try them in a browser; press Authorize and enter {issued["access_token"]}
In English: {docs}
In Russian: {docs}?lang=ru"""


def _portal_lines(portal_page: str) -> str:
    return f"""\
An application with a user interface (sign in as the administrator below):
{portal_page}"""


def _admin_lines(issued: dict[str, Any]) -> str:
    return f"""\
Admin: {issued["url"].removesuffix("rest/")}admin/
User name: {issued["admin_username"]}
Password: {issued["admin_password"]}"""
