"""What an import accepts, and which line an error names."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from contextlib import suppress
from encodings.aliases import aliases
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_user_options.exceptions import ImportLineError
from django_user_options.imports import ImportCounts, import_options
from django_user_options.keyset import PAGE_SIZE
from django_user_options.models import AppOption, AppUserOption

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db


@pytest.fixture
def application(make_application: Any) -> Any:
    return make_application(client_id="notes")


@pytest.fixture
def options(application: Any, user: Any) -> Any:
    return AppUserOption.objects.for_owner(application, user)


def line(**fields: Any) -> bytes:
    given = {"application": "notes", "user": "ann", "key": "k", "value": 1, **fields}
    return json.dumps(given).encode()


def last_counts(lines: Any, **kwargs: Any) -> ImportCounts:
    *_, counts = import_options(lines, **kwargs)
    return counts


def refused(lines: Any, **kwargs: Any) -> ImportLineError:
    with pytest.raises(ImportLineError) as caught:
        list(import_options(lines, **kwargs))
    assert str(caught.value).startswith(f"line {caught.value.line}: ")
    return caught.value


@pytest.mark.database
def test_options_of_users_and_of_applications_are_imported(
    options: Any, application: Any, user: Any
) -> None:
    get_user_model().objects.filter(pk=user.pk).update(is_active=False)
    lines = [line(key="a", value=-0.0), line(user=None, key="b", value=None), line(key="c")]
    assert last_counts(lines) == (3, 0)
    assert repr(options.as_mapping()) == repr({"a": -0.0, "c": 1})
    assert AppOption.objects.for_owner(application).as_mapping() == {"b": None}


def test_an_import_replaces_its_keys_and_keeps_others(options: Any) -> None:
    options.set_options({"k": "old", "other": 1})
    for _ in range(2):
        assert last_counts([line(), b"\n", line(key="k", value=2)]) == (2, 0)
        assert options.as_mapping() == {"k": 2, "other": 1}


def test_an_import_ignores_a_byte_order_mark_and_times(
    options: Any,
) -> None:
    times = {"created_at": "2001-01-01T00:00:00", "updated_at": "nonsense"}
    assert last_counts([b"\xef\xbb\xbf" + line(**times)]) == (1, 0)
    assert options.get().created_at.year > 2001


def in_other_encodings(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield the text in each of Python's encodings that neither UTF-8 nor ASCII can be."""
    for codec in sorted({*aliases.values()} - {"utf_8"}):
        # Some codecs are not of texts, and some lack the letters.
        with suppress(LookupError, UnicodeError):
            encoded = text.encode(codec)
            if not encoded.isascii() or b"\0" in encoded:
                yield codec, encoded


def test_a_file_in_another_encoding_is_reported_as_such(options: Any) -> None:
    text = line().decode().replace("k", "ключ")
    found = dict(in_other_encodings(f"{text}\n{text}"))
    assert len(found) > 20
    for codec, encoded in found.items():
        name = codec[:6].upper().replace("_", "-") if codec.startswith("utf_") else "UTF-8"
        assert name in str(refused(encoded.splitlines(keepends=True))), codec


COMPRESSORS = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zip": lambda raw: b"PK\x03\x04" + raw,
    "zstd": lambda raw: b"\x28\xb5\x2f\xfd" + raw,
}


@pytest.mark.parametrize("name", COMPRESSORS)
def test_a_compressed_file_is_reported_as_such(options: Any, name: str) -> None:
    raw = COMPRESSORS[name](line())
    assert f"compressed with {name}" in str(refused(raw.splitlines(keepends=True)))


def test_a_table_with_a_column_pk_is_not_called_a_zip(options: Any) -> None:
    assert "not a JSON object" in str(refused([b"PK,application,user,key,value"]))


@pytest.mark.parametrize(
    "bad",
    [
        b"application,user,key,value",
        b"\xff",
        b"[" * 100_000,
        b"1" * 5_000,
        b"[]",
        line(application=["notes"]),
        line(user=False),
        line(key=None),
        b'{"application": "notes", "key": "k", "value": 1}',
        b'{"application": "notes", "user": "ann", "key": "k"}',
        b'{"value": 1.00000000000000000001}',
        b'{"application": "notes", "user": "ann", "key": "k", "value": {"b": 1, "b": 1}}',
        line(key="a\nb"),
        line(value="\ud800"),
        line(value=float("inf")),
        line(value="x" * 70_000),
        line(value=json.loads("[" * 40 + "]" * 40)),
    ],
    ids=range(17),
)
def test_an_invalid_line_is_refused_by_its_number(options: Any, bad: bytes) -> None:
    error = refused([line(), b"", bad, line(key="later")])
    assert error.line == 3
    assert error.code == "import_line"
    assert str(error)[-1] not in ".?"
    assert not options.exists()


def test_no_error_repeats_a_value(options: Any) -> None:
    for bad in (line(value="secret\0"), b'{"value": "secret"', line(value="secret", key=1)):
        assert "secret" not in str(refused([bad]))


def test_a_limit_of_an_owner_names_the_first_line_of_the_call(options: Any, settings: Any) -> None:
    settings.USER_OPTIONS = {"MAX_KEYS_PER_OWNER": 2}
    error = refused([line(user=None), *(line(key=f"{n}") for n in range(3))])
    assert error.line == 2
    assert "at most 2 keys" in str(error)
    assert not options.exists()


@pytest.mark.database
@pytest.mark.parametrize("name", ["", "Ann", "ann ", "a\0b", "\ud800", "ann%"])
def test_unknown_owners_are_refused_or_skipped_and_counted(options: Any, name: str) -> None:
    for role in ("application", "user"):
        options.delete()
        lines = [line(key="a"), line(**{role: name}), line(key="b")]
        assert refused(lines).line == 2
        assert not options.exists()
        assert last_counts(lines, skip_unknown=True) == (2, 1)
        assert options.as_mapping() == {"a": 1, "b": 1}


@pytest.mark.database
def test_owners_of_many_lines_are_looked_up_at_once(application: Any, make_user: Any) -> None:
    names = [make_user().get_username() for _ in range(10)]
    lines = [line(user=name, key=f"{n}") for n in range(3) for name in names]
    with CaptureQueriesContext(connection) as queries:
        last_counts(lines)
    selects = [query["sql"] for query in queries if query["sql"].startswith("SELECT")]
    # MariaDB adds up the options of each owner.
    asked = [sql for sql in selects if " IN (" in sql and "django_user_options" not in sql]
    assert len(asked) == 2
    # One call for each owner, though the lines take turns.
    assert sum(query["sql"].startswith("INSERT") for query in queries) == len(names)


def test_lines_are_taken_only_when_the_ones_before_are_written(options: Any, settings: Any) -> None:
    settings.USER_OPTIONS = {"MAX_KEYS_PER_CALL": 6}
    taken = []

    def lines() -> Any:
        for number in range(2 * PAGE_SIZE + 1):
            taken.append(number)
            yield line(key=f"{number % 7}")

    counts = import_options(lines())
    assert taken == []
    assert next(counts) == (PAGE_SIZE, 0)
    assert len(taken) == PAGE_SIZE
    assert options.count() == 7
    assert [one.written for one in counts] == [2 * PAGE_SIZE, 2 * PAGE_SIZE + 1]
