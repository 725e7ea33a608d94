"""Tables of people: who they are and what they may do in which unit. Constraints only, no behaviour (`services.py`)."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from setoff.books.models import Unit

ROLES = ["viewer", "operator", "accountant", "controller", "administrator"]


class Users(BaseUserManager):
    """How Django finds a user by the name typed at sign-in: letters of either case are the same."""

    def get_by_natural_key(self, username):
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """A person who signs in. Nobody is ever deleted: one who left is not active, so that the audit trail keeps its names."""

    username = models.CharField(max_length=64, unique=True)
    email = models.EmailField(blank=True)
    name = models.TextField(blank=True)
    language = models.TextField(default="en")
    time_zone = models.TextField(db_default="", default="")  # empty: that of the settings
    is_active = models.BooleanField(default=True)
    is_administrator = models.BooleanField(default=False)  # of the installation: people, policies, units
    created_at = models.DateTimeField(auto_now_add=True)

    objects = Users()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        db_table = "access_user"
        constraints = [
            models.UniqueConstraint(models.functions.Lower("username"), name="access_user_username"),
            models.UniqueConstraint(models.functions.Lower("email"), condition=~Q(email=""), name="access_user_email"),
            models.CheckConstraint(condition=Q(language__in=["en", "ru", "zh"]), name="access_user_language"),
            models.CheckConstraint(condition=Q(username__regex=r"^[^\s@/]+$"), name="access_user_name"),
        ]


class Grant(models.Model):
    """One role of a user in a unit."""

    user = models.ForeignKey(User, models.CASCADE, related_name="grants")
    unit = models.ForeignKey(Unit, models.PROTECT)
    role = models.TextField()

    class Meta:
        db_table = "access_grant"
        constraints = [
            models.UniqueConstraint(fields=["user", "unit"], name="access_grant_unit"),
            models.CheckConstraint(condition=Q(role__in=ROLES), name="access_grant_role"),
        ]
