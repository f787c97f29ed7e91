"""Packages that build something from a model's fields get the JSON value, or refuse it clearly."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.forms import modelform_factory
from rest_framework.serializers import ModelSerializer

from django_user_options.fields import JSONTextWidget
from django_user_options.models import AppUserOption
from tests.test_fields import VALUES, exactly

pytestmark = pytest.mark.django_db

NOT_JSON = ["", " ", "{", "dark", "NaN", "1e999", "0.10000000000000000001", '{"a": 1, "a": 2}']
NOT_JSON += ["1" * 5000, "[" * 100_000, '"\\ud800"']
NO_VALUES = [float("nan"), float("inf"), {1}, object(), 10**5000, "\ud800", b"x"]


@pytest.fixture
def option(application: Any, user: Any) -> Any:
    options = AppUserOption.objects.for_owner(application, user)
    options.set_options({"theme": "dark"})
    return options.get()


class OptionSerializer(ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = AppUserOption
        fields = ("value",)


def form_of(option: Any, text: str | None) -> Any:
    data = {} if text is None else {"value": text}
    return modelform_factory(AppUserOption, fields=["value"])(data, instance=option)


@pytest.mark.parametrize("value", NO_VALUES, ids=range(len(NO_VALUES)))
def test_values_without_json_are_invalid_everywhere(option: Any, value: Any) -> None:
    option.value = value
    with pytest.raises(ValidationError, match=r"as JSON|surrogates|finite numbers"):
        option.full_clean()
    assert not OptionSerializer(option, {"value": value}).is_valid()


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_serializers_forms_and_exported_files_show_and_take_the_value(
    option: Any, value: Any
) -> None:
    serializer = OptionSerializer(option, {"value": value})
    assert serializer.is_valid() is (value is not None)
    assert value is None or exactly(serializer.validated_data["value"]) == exactly(value)
    option.value = value
    option.full_clean()
    assert exactly(OptionSerializer(option).data["value"]) == exactly(value)
    shown = form_of(option, json.dumps(value))["value"].value()
    form = form_of(option, shown)
    assert form.is_valid(), form.errors
    form.save()
    option.refresh_from_db()
    assert exactly(option.value) == exactly(value)
    assert not form_of(option, json.dumps(value)).has_changed()
    cell = JSONTextWidget().render(value)
    assert exactly(JSONTextWidget().clean(cell)) == exactly(value)


@pytest.mark.parametrize("text", NOT_JSON, ids=range(len(NOT_JSON)))
def test_a_form_refuses_other_texts_and_shows_them_again(option: Any, text: str) -> None:
    form = form_of(option, text)
    assert list(form.errors) == ["value"]
    assert form["value"].value() == text
    assert list(form_of(option, None).errors) == ["value"]


@pytest.mark.parametrize("cell", [None, *NOT_JSON[:-1]], ids=range(len(NOT_JSON)))
def test_an_invalid_cell_is_refused(cell: str | None) -> None:
    assert exactly(JSONTextWidget().clean(1.0)) == "1.0"
    with pytest.raises(ValueError, match=r"\S"):
        JSONTextWidget().clean(cell)


@pytest.mark.neighbours
def test_import_export_writes_and_reads_the_value(option: Any) -> None:
    resource = import_module("import_export.resources").modelresource_factory(AppUserOption)()
    for value in VALUES:
        option.value = value
        option.save()
        rows = resource.export()
        AppUserOption.objects.update(value="changed")
        result = resource.import_data(rows, raise_errors=True)
        assert not result.has_errors()
        option.refresh_from_db()
        assert exactly(option.value) == exactly(value)


@pytest.mark.neighbours
def test_import_export_reports_a_cell_that_is_not_json(option: Any) -> None:
    resource = import_module("import_export.resources").modelresource_factory(AppUserOption)()
    rows = import_module("tablib").Dataset((option.pk, "dark"), headers=["id", "value"])
    result = resource.import_data(rows)
    assert result.has_errors() or result.has_validation_errors()
    option.refresh_from_db()
    assert option.value == "dark"


@pytest.mark.neighbours
def test_a_filter_on_the_value_is_refused_and_one_on_the_key_is_not() -> None:
    factory = import_module("django_filters.filterset").filterset_factory
    with pytest.raises(AssertionError, match="unrecognized field type JSONTextField"):
        factory(AppUserOption, fields=["value"])
    assert list(factory(AppUserOption, fields=["key"]).base_filters) == ["key"]
