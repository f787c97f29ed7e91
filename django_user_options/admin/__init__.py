"""The admin: options to look at, webhooks to issue and to revoke."""

from django_user_options.admin.options import AppOptionAdmin, AppUserOptionAdmin
from django_user_options.admin.webhooks import InboundWebhookAdmin

__all__ = ["AppOptionAdmin", "AppUserOptionAdmin", "InboundWebhookAdmin"]
