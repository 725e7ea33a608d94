"""Templates of operations between units: data, filled with amounts into a notice or a local entry (spec 2.13, 9.9).

A file of this folder's templates/ for every chart of accounts, and those that an organization added, which stand in place of ours of the
same code. A row is a text:

    "2 30404 000 / 2 206xx 660  advance with supplier on claims"
     debit         credit         name of the amount, whose contract (a name too), claims or obligations

"xx" stands for digits that the contract's account has, or an account that is chosen. kind "notice": rows of both units; "local": each unit
enters its own; "derived": nothing is entered, the offset of an advance makes itself.
Errors: notice_template, unknown_reference.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
from psycopg import Connection
from psycopg.types.json import Jsonb

from setoff.access.rights import Rights
from setoff.books.audit import Actor, record_audit
from setoff.books.charts import chart_names, load_chart
from setoff.core.chart import Chart
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import Language
from setoff.notices.queries import UnitPlace
from setoff.trade.notice_documents import Analytics, Direction, Flow, NoticeNature

ROW: Final = re.compile(
    r"(?P<debit>\S.*?) / (?P<credit>\S.*?)  (?P<amount>[a-z_]+)(?: with (?P<party>[a-z_]+))?(?: on (?P<claim>claims|obligations))?"
)
OF_ORGANIZATION_SQL: Final = "select content from notice_template where organization_id = %s order by code"
WRITTEN_SQL: Final = """
  select said.row ->> 'debit', said.row ->> 'credit'
  from (select content from branch_notice where sender_unit_id = %s or receiver_unit_id = %s order by id desc limit 200) newest
  cross join lateral jsonb_array_elements(content -> 'sender_rows' || (content -> 'receiver_rows')) said (row)"""
SAVE_SQL: Final = """
  insert into notice_template (organization_id, code, content, author) values (%s, %s, %s, %s)
  on conflict (organization_id, code) do update
  set content = excluded.content, author = excluded.author, changed_at = clock_timestamp()"""
ORGANIZATION_SQL: Final = """
  select o.id, o.chart, (select array_agg(u.id order by u.id) from unit u where u.organization_id = o.id)
  from organization o where o.code = %s"""
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^\S(.*\S)?$")]
Samples = dict[str, str | dict[str, str]]


class TemplateRow(NamedTuple):
    """`amount` and `party` are names: of a sum that is typed, of a contract that is chosen."""

    debit: str
    credit: str
    amount: str
    party: str
    claim: Analytics


class Template(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """An operation. `head`, `branch`: the rows of the head office and of the branch; `sender`: who drafts the notice. `samples`: amounts as
    an example, of both units or of each."""

    code: Code
    name: dict[Language, str] | str
    kind: Literal["notice", "local", "derived"] = "notice"
    nature: NoticeNature = "obligation"
    money: Direction = ""
    flow: Flow = ""
    sender: Literal["head_office", "branch"] = "head_office"
    head: list[str] = []
    branch: list[str] = []
    samples: Samples = {}
    basis: list[str] = []

    def title(self, language: Language) -> str:
        if isinstance(self.name, str):
            return self.name
        return self.name.get(language) or next(iter(self.name.values()), self.code)

    def rows(self, side: Literal["head", "branch"]) -> list[TemplateRow]:
        """Errors: notice_template for a row that is none."""
        return [row_of(self.code, said) for said in (self.head if side == "head" else self.branch)]

    def sample(self, side: Literal["head", "branch"], amount: str) -> str:
        own = self.samples.get(side, {})
        found = own.get(amount) if isinstance(own, dict) else None
        said = self.samples.get(amount, "")
        return found or (said if isinstance(said, str) else "")

    def amounts(self) -> list[str]:
        """Names of the sums, in the order of the rows."""
        return list(dict.fromkeys(row.amount for row in (*self.rows("head"), *self.rows("branch"))))

    def parties(self) -> list[str]:
        return list(dict.fromkeys(row.party for row in (*self.rows("head"), *self.rows("branch")) if row.party))

    def open_accounts(self, chart: Chart) -> list[str]:
        """Accounts with "xx" that no contract gives: they are chosen."""
        named = [(code, row) for row in (*self.rows("head"), *self.rows("branch")) for code in (row.debit, row.credit)]
        found = [number_of(code) for code, row in named if "x" in number_of(code)]
        return [number for number in dict.fromkeys(found) if not all(chart.accounts[code].is_settlement for code in fitting(chart, number))]


class TemplateFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of templates."""

    operations: list[Template]


def row_of(template: str, said: str) -> TemplateRow:
    """Errors: notice_template."""
    match = ROW.fullmatch(said.strip())
    if match is None:
        raise DomainError(ErrorCode.NOTICE_TEMPLATE, template=template, problem=said)
    claim: Analytics = "claims" if match["claim"] == "claims" else "obligations" if match["claim"] else ""
    return TemplateRow(match["debit"], match["credit"], match["amount"], match["party"] or "", claim)


def number_of(code: str) -> str:
    """The account of a written code: "2 105xx 340" is 105xx."""
    parts = code.split()
    return parts[1] if len(parts) == 3 else code.strip()


def fitting(chart: Chart, number: str) -> list[str]:
    """The accounts that a number with "xx" stands for, by code."""
    pattern = re.compile(re.escape(number).replace("x", r"\d"))
    return sorted(code for code in chart.accounts if pattern.fullmatch(code))


@cache
def ours(chart: str) -> Mapping[str, Template]:
    """The templates that come with Setoff, by code. A chart without a file has none."""
    path = files("setoff.notices") / "templates" / f"{chart}.toml"
    if chart not in chart_names() or not path.is_file():
        return {}
    found = {template.code: template for template in said_templates(path.read_text(encoding="utf-8"))}
    for template in found.values():
        check_template(template, load_chart(chart))
    return found


def said_templates(text: str) -> list[Template]:
    """The templates of a TOML text. Errors: notice_template."""
    try:
        return msgspec.convert(tomllib.loads(text), TemplateFile).operations
    except ValueError as problem:
        raise DomainError(ErrorCode.NOTICE_TEMPLATE, template="", problem=str(problem)) from None


def check_template(template: Template, chart: Chart) -> None:
    """Every row can be read and names accounts of the chart; a notice has rows of both units, what is local or derived no row between
    them. Errors: notice_template."""
    sides = [template.rows("head"), template.rows("branch")]
    if not any(sides) or (template.kind == "notice" and not all(sides)):
        raise DomainError(ErrorCode.NOTICE_TEMPLATE, template=template.code, problem="head, branch")
    for row in (*sides[0], *sides[1]):
        for code in (row.debit, row.credit):
            accounts = fitting(chart, number_of(code))
            between = any(chart.accounts[account].is_inter_branch for account in accounts)
            if not accounts or (between and template.kind != "notice"):
                raise DomainError(ErrorCode.NOTICE_TEMPLATE, template=template.code, problem=code)


def templates_of(conn: Connection[Any], organization_id: int, chart: str) -> dict[str, Template]:
    """By code: ours, and those of the organization in their place or after them."""
    found = dict(ours(chart))
    for (content,) in conn.execute(OF_ORGANIZATION_SQL, [organization_id]).fetchall():
        own = msgspec.convert(content, Template)
        found[own.code] = own
    return found


def written_accounts(conn: Connection[Any], unit: UnitPlace) -> list[str]:
    """Accounts as templates and the newest notices of a unit write them, each once."""
    chart = load_chart(unit.chart)
    found: dict[str, None] = dict.fromkeys(code for row in conn.execute(WRITTEN_SQL, [unit.id, unit.id]) for code in row)
    for template in templates_of(conn, unit.organization_id, unit.chart).values():
        for row in (*template.rows("head"), *template.rows("branch")):
            for code in (row.debit, row.credit):
                number = number_of(code)
                found |= dict.fromkeys(code.replace(number, fits) for fits in fitting(chart, number))
    return list(found)


def template_of(templates: Mapping[str, Template], code: str) -> Template:
    """Errors: unknown_reference."""
    if code not in templates:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="template", value=code, field="template")
    return templates[code]


def save_templates(conn: Connection[Any], organization: str, said: Iterable[Template], actor: Actor, rights: Rights) -> list[str]:
    """The organization has these templates, in place of those of the same codes; their codes. Errors: unknown_reference, not_permitted,
    notice_template."""
    organization_id, chart, units = _organization(conn, organization, rights)
    codes = []
    with conn.transaction():
        for template in said:
            check_template(template, load_chart(chart))
            conn.execute(SAVE_SQL, [organization_id, template.code, Jsonb(msgspec.to_builtins(template)), actor.author])
            record_audit(conn, actor, "save_template", unit_id=units[0], template=template.code)
            codes.append(template.code)
    return codes


def drop_template(conn: Connection[Any], organization: str, code: str, actor: Actor, rights: Rights) -> None:
    """The organization's own template is no more; one of ours of that code is there again. Errors: unknown_reference, not_permitted."""
    organization_id, _, units = _organization(conn, organization, rights)
    with conn.transaction():
        gone = conn.execute(
            "delete from notice_template where organization_id = %s and code = %s returning code", [organization_id, code]
        ).fetchone()
        if gone is None:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="template", value=code, field="template")
        record_audit(conn, actor, "drop_template", unit_id=units[0], template=code)


def _organization(conn: Connection[Any], code: str, rights: Rights) -> tuple[int, str, list[int]]:
    """Its id and chart, and its units in which one may draft. Errors: unknown_reference, not_permitted."""
    row = conn.execute(ORGANIZATION_SQL, [code]).fetchone()
    if row is None or not row[2]:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="organization", value=code, field="organization")
    units = [unit_id for unit_id in row[2] if rights.may("draft", unit_id)]
    if not units:
        raise DomainError(ErrorCode.NOT_PERMITTED, right="draft", unit=code)
    return row[0], row[1], units
