"""The signals of this package. An exception in a receiver is only logged.

`options_changed` and `options_deleted` are sent after the commit, and never after a rollback. The
sender is the model, `AppUserOption` or `AppOption`. Besides `signal`, receivers get:

- `application`, and `user`, which is None if the application's own options changed;
- `keys`, a sorted list of str: the keys that were written, or the existing keys that were deleted;
- `cause`, whatever the writer passed: a `Caller` for calls of the REST methods, the user for the
  admin, `manage.py user_options` for that command, None if project code passed nothing;
- `using`, the alias of the database.

Values are not sent; receivers that need them must read them. If a user or an application is
deleted, its options are deleted without a signal of this package; listen to Django's `post_delete`
for those.

`security_event` is sent without a sender, and what it carries never contains a secret or a value:

- `event` and `outcome`: `credential_refused` with the code of the refusal, `throttled` with `calls`
  or `failures`, and, each with `done`, `administrator_acted`, `webhook_issued`, `webhook_rotated`
  (in the admin also when a new webhook gets its secret), and `webhook_revoked`;
- `credential`, which is `access`, `webhook`, `client`, or empty, and `credential_id`, the primary
  key of its record, if it is known;
- `application`, `user`, and `cause` as above; each may be None;
- `address` of the client and `method`, the REST method or `token endpoint`; each may be empty.
"""

from __future__ import annotations

from django.dispatch import Signal

options_changed = Signal()
options_deleted = Signal()
security_event = Signal()
