"""Tables of the pages: filters of lists that people keep under a name."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class SavedView(models.Model):
    """The filters of a list as its address has them. A shared one is seen by those who read a unit of its owner."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    area = models.TextField()
    name = models.TextField()
    query = models.TextField()
    is_shared = models.BooleanField(default=False)

    class Meta:
        db_table = "saved_view"
        constraints = [models.UniqueConstraint(fields=["user", "area", "name"], name="saved_view_name")]
