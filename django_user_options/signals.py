"""The signals of this package. Both are sent after the commit, and never after a rollback.

The sender is the model, `AppUserOption` or `AppOption`. Besides `signal`, receivers get:

- `application`, and `user`, which is None if the application's own options changed;
- `keys`, a sorted list of str: the keys that were written, or the existing keys that were deleted;
- `cause`, whatever the writer passed: a `Caller` for calls of the REST methods, the user for the
  admin, `manage.py user_options` for that command, None if project code passed nothing;
- `using`, the alias of the database.

Values are not sent; receivers that need them must read them. An exception in a receiver is only
logged, because the write is already committed. If a user or an application is deleted, its options
are deleted without a signal of this package; listen to Django's `post_delete` for those.
"""

from __future__ import annotations

from django.dispatch import Signal

options_changed = Signal()
options_deleted = Signal()
