"""Fields for migrations, taken from abstract models, which change with Django and the toolkit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models import Model


def inherited(abstract: type[Model], **own: Any) -> list[tuple[str, Any]]:
    """Return the model's fields by name, with a project's own in their place; None drops one."""
    inherited = (*abstract._meta.local_fields, *abstract._meta.local_many_to_many)
    fields = {field.name: field.clone() for field in inherited} | own
    return [(name, field) for name, field in fields.items() if field is not None]
