"""How an answer is written: JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rest_framework.renderers import BaseRenderer
    from rest_framework.request import Request


class EnvelopeJSONRenderer(JSONRenderer):
    """JSON in UTF-8 that says so, as the vendor's does."""

    charset = "utf-8"


class SuffixNegotiation(BaseContentNegotiation):
    """Chooses the renderer by the suffix of the path; `Accept` says nothing here."""

    def select_renderer(
        self,
        request: Request,
        renderers: Sequence[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """Return the renderer of the suffix, JSON without one."""
        chosen = next((r for r in renderers if r.format == format_suffix), renderers[0])
        return chosen, chosen.media_type
