"""Whatever is set, changed and deleted, the options are those that a plain dict would hold."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import hypothesis
import pytest
from django.test.utils import override_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from django_user_options.exceptions import (
    InvalidOptionError,
    OptionConflictError,
    OptionLimitError,
)
from django_user_options.fields import encode_json
from django_user_options.models import AppUserOption
from django_user_options.summaries import digest_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

KEYS = st.sampled_from(["a", "A", "a ", "ab", "я", "é", "e\u0301", "😀", "%", "_"])
NUMBERS = st.integers(-(10**30), 10**30) | st.floats(-1e300, 1e300)
VALUES = NUMBERS | st.none() | st.booleans() | st.text("xя😀", max_size=6) | st.lists(NUMBERS)
OPTIONS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=5)


def digest(value: Any) -> str:
    return digest_of(encode_json(value))


class Owner(RuleBasedStateMachine):
    """An owner whose options are compared with a dict after each step."""

    options: Any

    @initialize(before=OPTIONS, keys=st.integers(2, 8), size=st.integers(4, 60))
    def begin(self, before: dict[str, Any], keys: int, size: int) -> None:
        """Start with options that may exceed limits set later."""
        self.kept = before
        self.most = keys, size
        self.options.delete()
        self.options.set_options(before)
        limits = {"MAX_KEYS_PER_OWNER": keys, "MAX_BYTES_PER_OWNER": size}
        self.settings = override_settings(USER_OPTIONS=limits)
        self.settings.enable()

    def teardown(self) -> None:
        self.settings.disable()

    @rule(options=OPTIONS)
    def set(self, options: dict[str, Any]) -> None:
        self.expect({**self.kept, **options}, lambda: self.options.set_options(options))

    @rule(keys=st.sets(KEYS, min_size=1))
    def delete(self, keys: set[str]) -> None:
        assert self.options.delete_options(keys) == len(keys & self.kept.keys())
        self.kept = {key: value for key, value in self.kept.items() if key not in keys}

    @rule(
        changes=st.dictionaries(KEYS, st.sampled_from(["set", "remove", "increment"]), min_size=1),
        values=st.lists(VALUES, min_size=10, max_size=10),
        amounts=st.lists(NUMBERS, min_size=10, max_size=10),
        compared=st.sets(KEYS, max_size=4),
        wrong=st.none() | KEYS,
    )
    def update(
        self,
        changes: dict[str, str],
        values: list[Any],
        amounts: list[float],
        compared: set[str],
        wrong: str | None,
    ) -> None:
        by_kind: dict[str, list[str]] = {"set": [], "remove": [], "increment": []}
        for key, kind in changes.items():
            by_kind[kind].append(key)
        given = dict(zip(by_kind["set"], values, strict=False))
        counted = dict(zip(by_kind["increment"], amounts, strict=False))
        expected = {key: self.digest_of(key) for key in compared}
        after = {key: self.kept[key] for key in self.kept if key not in by_kind["remove"]} | given
        error: type[Exception] | None = None
        for key, amount in counted.items():
            stored = self.kept.get(key, 0)
            if isinstance(stored, bool) or not isinstance(stored, int | float):
                error = InvalidOptionError
            else:
                after[key] = stored + amount
        if wrong is not None:
            expected[wrong] = digest("another") if self.digest_of(wrong) is None else None
            error = OptionConflictError

        def change() -> None:
            answer = self.options.update_options(
                given, remove=by_kind["remove"], increment=counted, if_=expected
            )
            values = {key: {"digest": digest(after[key]), "value": after[key]} for key in counted}
            assert repr(answer) == repr(
                dict(sorted({**{key: digest(given[key]) for key in given}, **values}.items()))
            )

        self.expect(after, change, error)

    def expect(self, after: dict[str, Any], change: Any, error: Any = None) -> None:
        """Make a change that leaves these options, or is refused and leaves everything."""
        allowed = map(max, totals(self.kept), self.most)
        if error is None and any(a > b for a, b in zip(totals(after), allowed, strict=True)):
            error = OptionLimitError
        if error is None:
            change()
            self.kept = after
        else:
            with pytest.raises(error):
                change()

    def digest_of(self, key: str) -> str | None:
        return digest(self.kept[key]) if key in self.kept else None

    @invariant()
    def the_options_are_those_of_the_dict(self) -> None:
        kept = dict(sorted(self.kept.items()))
        assert repr(dict(sorted(self.options.as_mapping().items()))) == repr(kept)
        page = self.options.keys()
        digests = {key: digest(value) for key, value in kept.items()}
        assert {key: facts.digest for key, facts in page.keys.items()} == digests
        assert list(page.keys) == list(kept)
        hashes = {key: sha256(encode_json(kept[key]).encode()).hexdigest() for key in kept}
        assert page.digest == digest(hashes)
        assert self.options.usage()[:2] == totals(kept)


def totals(options: dict[str, Any]) -> tuple[int, int]:
    return len(options), sum(len(encode_json(value).encode()) for value in options.values())


def test_options_behave_as_a_dict_does(application: Any, user: Any) -> None:
    class Stored(Owner):
        options = AppUserOption.objects.for_owner(application, user)

    run_state_machine_as_test(
        Stored,
        settings=hypothesis.settings(
            max_examples=30, stateful_step_count=15, deadline=None, derandomize=True, database=None
        ),
    )
