"""What the pages of an owner and of an application have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

from django_user_options.admin.display import folded_value, shown_key, size_text
from django_user_options.conf import conf
from django_user_options.owners import unfiltered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db import models
    from django.http import HttpRequest

    from django_user_options.models import Option

OWNER_PAGE = "django_user_options_appuseroption_owner"
APPLICATION_PAGE = "django_user_options_appuseroption_application"


def context_of(model_admin: Any, request: HttpRequest) -> dict[str, Any]:
    """Return what every page needs to stand in its admin."""
    site = model_admin.admin_site
    request.current_app = site.name
    return {
        **site.each_context(request),
        "opts": model_admin.opts,
        "has_view_permission": model_admin.has_view_permission(request),
    }


def page_url(site: Any, name: str, *instances: Any) -> str | None:
    """Return the address of a page, unless the host's admin does without it."""
    arguments = [quote(str(instance.pk)) for instance in instances]
    try:
        return reverse(f"admin:{name}", args=arguments, current_app=site.name)
    except NoReverseMatch:
        return None


def link(url: str | None, label: Any) -> Any:
    """Return a link, or the label alone where there is no address."""
    return label if url is None else format_html('<a href="{}">{}</a>', url, label)


def change_url(request: HttpRequest, site: Any, instance: models.Model) -> str | None:
    """Return the address at which the admin shows a record to this user, if it does."""
    model = type(instance)
    if not (site.is_registered(model) and site.get_model_admin(model).has_view_permission(request)):
        return None
    label = f"{instance._meta.app_label}_{instance._meta.model_name}"  # noqa: SLF001
    return page_url(site, f"{label}_change", instance)


def get_or_404(model: type[models.Model], quoted_pk: str) -> Any:
    """Return the record with that primary key, as addresses write it."""
    try:
        return get_object_or_404(unfiltered(model), pk=unquote(quoted_pk))
    except (ValueError, ValidationError) as error:
        raise Http404 from error


def may_view(request: HttpRequest, model: type[models.Model]) -> bool:
    """Return whether the user may see records of a model, registered or not."""
    user: Any = request.user
    label, name = model._meta.app_label, model._meta.model_name  # noqa: SLF001
    return any(user.has_perm(f"{label}.{action}_{name}") for action in ("view", "change"))


def may_delete(request: HttpRequest, site: Any, model: type[models.Model]) -> bool:
    """Return whether the admin of a model lets the user delete single records."""
    if not site.is_registered(model):
        return False
    own: Any = site.get_model_admin(model)
    # The host may have registered an admin of its own.
    may = getattr(own, "has_single_delete_permission", own.has_delete_permission)
    return bool(may(request))


def rows(request: HttpRequest, site: Any, options: Iterable[Option]) -> Iterator[dict[str, Any]]:
    """Yield what a table shows of each option."""
    for option in options:
        value, is_cut = folded_value(option.value)
        url = change_url(request, site, option)
        yield {
            "key": link(url, shown_key(option.key)),
            "value": value,
            "whole": url if is_cut else None,
            "size": size_text(option.size),
            "created_at": option.created_at,
            "updated_at": option.updated_at,
            "delete": url and f"{url.removesuffix('change/')}delete/",
        }


def usage(totals: dict[str, int]) -> dict[str, int]:
    """Return how much of its limits an owner uses, and where that becomes much."""
    max_keys, max_bytes = conf.max_keys_per_owner, conf.max_bytes_per_owner
    return {
        **totals,
        "max_keys": max_keys,
        "high_keys": max_keys * 9 // 10,
        "max_bytes": max_bytes,
        "high_bytes": max_bytes * 9 // 10,
    }
