"""System checks of the portal; `django_user_options/checks/README.md` lists them."""
