"""What a host may listen to. Both signals are sent after the commit, never for a rollback.

The sender is the model, `AppUserOption` or `AppOption`. Receivers get, besides `signal`:

- `application`, and `user`, who is None where the application's own options changed;
- `keys`, a sorted list of str: those that were written, or those that were there to delete;
- `cause`, whatever the writer named: a `Caller` for calls of the REST methods, the user for the
  admin, `manage.py user_options` for that command, None where host code named nothing;
- `using`, the alias of the database.

Values are not sent; a receiver that needs them reads them. What a receiver raises is logged and
goes no further: the write has been acknowledged. Deleting a user or an application takes its
options along without a signal of this package; Django's `post_delete` tells of those.
"""

from __future__ import annotations

from django.dispatch import Signal

options_changed = Signal()
options_deleted = Signal()
