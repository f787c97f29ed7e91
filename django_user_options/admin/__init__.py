"""The admin: options to look at, webhooks to issue and to revoke."""

from django_user_options.admin.option_admin import AppOptionAdmin, AppUserOptionAdmin
from django_user_options.admin.webhook_admin import InboundWebhookAdmin

__all__ = ["AppOptionAdmin", "AppUserOptionAdmin", "InboundWebhookAdmin"]
