"""The admin: view options, erase what is kept about a person, issue and revoke webhooks."""

from django_user_options.admin.option_admin import AppOptionAdmin, AppUserOptionAdmin
from django_user_options.admin.overview_admin import OverviewAdmin
from django_user_options.admin.webhook_admin import InboundWebhookAdmin

__all__ = ["AppOptionAdmin", "AppUserOptionAdmin", "InboundWebhookAdmin", "OverviewAdmin"]
