"""Where users consent, as the vendor's clients ask for it: without `response_type`.

Source: apidocs.bitrix24.com, settings/oauth.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from oauth2_provider.views import AuthorizationView
from oauthlib.common import add_params_to_uri

from django_user_options.rest.token_endpoint import member_id

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class SdkAuthorizationView(AuthorizationView):  # type: ignore[misc]
    """The toolkit's page; its rules apply, for instance which clients must use PKCE."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask for a code if the client does not say what it wants."""
        query = request.GET.copy()
        query.setdefault("response_type", "code")
        # The toolkit reads both.
        self.request = copy.copy(request)
        self.request.GET = query  # type: ignore[assignment]
        self.request.META = {**request.META, "QUERY_STRING": query.urlencode()}
        response: HttpResponse = super().get(self.request, *args, **kwargs)
        return response

    def create_authorization_response(
        self, request: HttpRequest, scopes: str, credentials: dict[str, Any], *, allow: bool
    ) -> tuple[Any, ...]:
        """Return the toolkit's answer; the address to return to has what the vendor's has."""
        uri, *rest = super().create_authorization_response(request, scopes, credentials, allow)
        facts = {
            "domain": request.get_host(),
            "member_id": member_id(),
            # The vendor's SDKs split scopes at commas.
            "scope": ",".join(scopes.split()),
            "server_domain": request.get_host(),
        }
        return (add_params_to_uri(uri, facts.items()), *rest)
