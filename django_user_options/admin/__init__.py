"""The admin: view options; issue and revoke webhooks."""

from django_user_options.admin.option_admin import AppOptionAdmin, AppUserOptionAdmin
from django_user_options.admin.webhook_admin import InboundWebhookAdmin

__all__ = ["AppOptionAdmin", "AppUserOptionAdmin", "InboundWebhookAdmin"]
