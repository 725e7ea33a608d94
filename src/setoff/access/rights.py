"""What a person may do: roles, the rights of each, and the rights of one person in every unit.

| role          | read | draft | post | approve | close | administer |
| ---           | ---  | ---   | ---  | ---     | ---   | ---        |
| viewer        | yes  |       |      |         |       |            |
| operator      | yes  | yes   |      |         |       |            |
| accountant    | yes  | yes   | yes  |         |       |            |
| controller    | yes  | yes   | yes  | yes     | yes   |            |
| administrator | yes  | yes   | yes  | yes     | yes   | yes        |

A role is granted in a unit. An administrator of the installation sees every unit and administers it; what else he does there takes a
grant, like anybody's. Pure. Errors: not_permitted, unknown_reference (a unit that one may not read does not exist for him).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple, get_args

from setoff.core.errors import DomainError, ErrorCode

Role = Literal["viewer", "operator", "accountant", "controller", "administrator"]
Right = Literal["read", "draft", "post", "approve", "close", "administer"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
ALL: Final[tuple[Right, ...]] = get_args(Right)
RIGHTS: Final[Mapping[Role, frozenset[Right]]] = {
    "viewer": frozenset({"read"}),
    "operator": frozenset({"read", "draft"}),
    "accountant": frozenset({"read", "draft", "post"}),
    "controller": frozenset({"read", "draft", "post", "approve", "close"}),
    "administrator": frozenset(ALL),
}
OF_THE_INSTALLATION: Final[frozenset[Right]] = frozenset({"read", "administer"})
"""What an administrator of the installation may do in a unit where nothing is granted to him."""


class Rights(NamedTuple):
    """One person's rights at this moment. `units`: unit id -> rights; `unit_codes`: code -> unit id, of the units in `units`."""

    user_id: int
    login: str
    name: str
    language: str
    units: Mapping[int, frozenset[Right]]
    unit_codes: Mapping[str, int]
    is_administrator: bool

    def may(self, right: Right, unit_id: int) -> bool:
        return right in self.units.get(unit_id, frozenset())

    def units_with(self, right: Right) -> tuple[int, ...]:
        """Ids of the units where the person has a right, ascending."""
        return tuple(sorted(unit_id for unit_id, rights in self.units.items() if right in rights))

    def require(self, right: Right, unit: int | str) -> int:
        """The id of the unit (given by id or code), where the person has the right. Errors: unknown_reference, not_permitted."""
        unit_id = self.unit_codes.get(unit) if isinstance(unit, str) else unit
        if unit_id is None or not self.may("read", unit_id):
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="unit", value=str(unit), field="unit")
        if not self.may(right, unit_id):
            code = next((code for code, number in self.unit_codes.items() if number == unit_id), str(unit))
            raise DomainError(ErrorCode.NOT_PERMITTED, right=right, unit=code)
        return unit_id

    def require_administrator(self) -> None:
        """Errors: not_permitted."""
        if not self.is_administrator:
            raise DomainError(ErrorCode.NOT_PERMITTED, right="administer", unit="*")

    def limited_to(self, allowed: Iterable[Right]) -> Rights:
        """The same person with no more than some rights: what a token's scopes leave."""
        kept = frozenset(allowed)
        units = {unit_id: rights & kept for unit_id, rights in self.units.items() if "read" in rights & kept}
        codes = {code: unit_id for code, unit_id in self.unit_codes.items() if unit_id in units}
        return self._replace(units=units, unit_codes=codes, is_administrator=self.is_administrator and "administer" in kept)
