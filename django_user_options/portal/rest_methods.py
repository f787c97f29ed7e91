"""`app.info` for applications in frames: whether one has been installed, and whose a token is.

Source: apidocs.bitrix24.com, api-reference/common/system/app-info and settings/oauth.
"""

from __future__ import annotations

from typing import Any

from django.db import router
from oauth2_provider.models import get_access_token_model

from django_user_options.owners import unfiltered
from django_user_options.portal.models import ApplicationPage
from django_user_options.rest.methods import RestMethod, register
from django_user_options.rest.methods.rest_method import MethodRegistry
from django_user_options.rest.methods.system_methods import AppInfo
from django_user_options.rest.methods.user_methods import iso_moment
from django_user_options.rest.oauth_endpoints import member_id, rest_endpoint
from django_user_options.rest.permissions import HasApplication, HasUser
from django_user_options.rest.views import RestMethodView

# What `SERVER_ENDPOINT` answers, the vendor's authorization server.
server_methods = MethodRegistry()


@register
class FramedAppInfo(AppInfo):
    """Describes the calling application, which may await its installation."""

    summary = AppInfo.summary

    def is_installed(self) -> bool:
        return _is_installed(self.caller.application)


@server_methods.register
class GrantInfo(RestMethod):
    """Tells an application whose token it found in its frame's form."""

    name = "app.info"
    permission_classes = (HasApplication, HasUser)

    def run(self) -> dict[str, Any]:
        application, user = self.caller.application, self.caller.user
        model = get_access_token_model()
        # It may be so new that a replica does not have it yet.
        tokens = unfiltered(model, using=router.db_for_write(model))
        token = tokens.get(pk=self.caller.credential_id)
        request: Any = self.request
        scope = ",".join(sorted(self.caller.scopes))
        return {
            "client_id": application.client_id,
            "scope": scope,
            "expires": iso_moment(token.expires),
            "user_id": user.pk if isinstance(user.pk, int) else str(user.pk),
            "install": {
                "installed": _is_installed(application),
                "version": 1,
                "status": "L",
                "scope": scope,
                "domain": request.get_host(),
                "uri": request.build_absolute_uri("/").removesuffix("/"),
                "client_endpoint": rest_endpoint(request),
                "member_id": member_id(),
                "member_type": "user",
            },
        }


class ServerMethodView(RestMethodView):
    """Runs the methods of the authorization server."""

    methods = server_methods


def _is_installed(application: Any) -> bool:
    page = ApplicationPage.objects.filter(application=application).first()
    return page is None or not page.awaits_installation
