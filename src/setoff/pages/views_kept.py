"""Saved views: the filters of a list kept under a name, one's own or shared."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.db.models import Q

from setoff.core.errors import DomainError, ErrorCode
from setoff.pages.page import PageRequest

NAME_MAX: Final = 80
VIEWS_MAX: Final = 100
"""Of one person in one area."""


class View(NamedTuple):
    id: int
    name: str
    query: str
    is_own: bool
    is_shared: bool


def views_of(request: PageRequest, area: str) -> list[View]:
    """His own, and those that people shared with whom he reads a unit."""
    from setoff.pages.models import SavedView

    shared = Q(is_shared=True, user__grants__unit_id__in=request.rights.units_with("read"))
    found = SavedView.objects.filter(Q(user_id=request.rights.user_id) | shared, area=area).distinct().order_by("name", "id")
    rows = found.values_list("pk", "name", "query", "user_id", "is_shared")
    return [View(number, name, query, user_id == request.rights.user_id, is_shared) for number, name, query, user_id, is_shared in rows]


def keep_view(request: PageRequest, area: str, name: str, query: str, *, is_shared: bool) -> None:
    """Keep a view, in place of the one of that name. Errors: field_missing, invalid_value."""
    from setoff.pages.models import SavedView

    if not name.strip():
        raise DomainError(ErrorCode.FIELD_MISSING, field="name")
    own = SavedView.objects.filter(user_id=request.rights.user_id, area=area)
    if len(name) > NAME_MAX or own.count() >= VIEWS_MAX:
        raise DomainError(ErrorCode.INVALID_VALUE, field="name", value=name[:NAME_MAX])
    SavedView.objects.update_or_create(
        user_id=request.rights.user_id, area=area, name=name.strip(), defaults={"query": query, "is_shared": is_shared}
    )


def forget_view(request: PageRequest, view_id: int) -> None:
    """One's own only."""
    from setoff.pages.models import SavedView

    SavedView.objects.filter(user_id=request.rights.user_id, pk=view_id).delete()
