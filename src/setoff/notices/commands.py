"""`setoff notices`: notices between units, written from a template or as JSON, sent, confirmed, rejected, undone; templates.

Who acts is SETOFF_USER, else the login of the machine. Whoever confirms is another person than who sent.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from setoff.access.commands import acting, say
from setoff.language.zones import today
from setoff.settlements.commands import DryRun

if TYPE_CHECKING:
    from psycopg import Connection

    from setoff.notices.closing import Closing
    from setoff.notices.filling import Filled
    from setoff.notices.records import Kept
    from setoff.notices.templates import Template

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Notices between units: write, send, confirm, reject, undo.")
Code = Annotated[str, typer.Argument(help="Key of the notice.", show_default=False)]
Because = Annotated[str, typer.Option(help="Why, for the record.", show_default=False)]
Format = Annotated[Literal["table", "json"], typer.Option("--format")]
TemplateCode = Annotated[str, typer.Argument(help="Code of the template.", show_default=False)]
Head = Annotated[str, typer.Option("--head", help="Code of the head office.", show_default=False)]
Branch = Annotated[str, typer.Option("--branch", help="Code of the branch.", show_default=False)]
Amounts = Annotated[list[str] | None, typer.Option("--amount", help="NAME=AMOUNT, or an amount alone where it is the only one; repeated.")]
Contracts = Annotated[list[str] | None, typer.Option("--with", help="PARTY=CONTRACT, as the template names the party; may be repeated.")]
Accounts = Annotated[list[str] | None, typer.Option("--account", help="105xx=10536: the account in place of x; may be repeated.")]
On = Annotated[str, typer.Option("--date", help="Day. Default: today.", show_default=False)]
Key = Annotated[str, typer.Option("--key", help="Key of the notice or entry. Default: of unit, year and number.")]
Number = Annotated[str, typer.Option("--number", help="Default: the next.")]
Comment = Annotated[str, typer.Option("--comment", help="A remark.")]


@app.command("list")
def listed(
    unit: Annotated[str, typer.Option(help="Only notices from or to this unit.")] = "",
    status: Annotated[Literal["", "draft", "sent", "confirmed", "rejected", "undone"], typer.Option(help="Only in this state.")] = "",
    output_format: Format = "table",
) -> None:
    """The notices that one may see, newest first."""
    from setoff.notices.queries import notices

    with acting() as (conn, _actor, rights):
        _print(notices(conn, rights.units_with("read"), status=status, unit=unit), output_format)


@app.command()
def waiting(output_format: Format = "table") -> None:
    """What waits for one: notices to confirm, rejected ones to mend, undoing to agree to."""
    from setoff.notices.queries import waiting_for

    with acting() as (conn, actor, rights):
        _print(waiting_for(conn, rights.units_with("post"), actor.author), output_format)


@app.command()
def show(code: Code) -> None:
    """A notice with the rows of both units, as JSON."""
    import msgspec

    from setoff.notices.queries import known_notice
    from setoff.notices.telling import told_notice

    with acting() as (conn, _actor, _rights):
        found = known_notice(conn, code)
    typer.echo(json.dumps({**told_notice(found), "said": msgspec.to_builtins(found.notice)}, ensure_ascii=False, indent=2))


@app.command()
def make(
    template: TemplateCode, head: Head, branch: Branch, amount: Amounts = None, party: Contracts = None, account: Accounts = None,
    on: On = "", key: Key = "", number: Number = "", comment: Comment = "", dry_run: DryRun = False,
) -> None:  # fmt: skip
    """Draft a notice from a template."""
    from contextlib import nullcontext

    from setoff.notices.filling import notice_from
    from setoff.notices.services import save_notice

    with acting() as (conn, actor, rights), conn.transaction(force_rollback=True) if dry_run else nullcontext():
        found, said = _template(conn, head, template), (amount, party, account)
        notice = notice_from(conn, found, _filled(found, (head, branch), said, on, key=key, number=number, comment=comment))
        _say(save_notice(conn, notice, actor, rights))


@app.command()
def share(
    template: TemplateCode, head: Head, total: Annotated[str, typer.Option(help="What is shared.", show_default=False)],
    by: Annotated[list[str], typer.Option("--by", help="UNIT=WEIGHT, the head office's own part too; repeated.", show_default=False)],
    on: On = "", comment: Comment = "", dry_run: DryRun = False,
) -> None:  # fmt: skip
    """Share an amount by a key: a drafted notice for every branch."""
    from contextlib import nullcontext

    from setoff.notices.filling import shared
    from setoff.notices.services import save_notice

    key = {unit: _whole(weight) for unit, weight in _pairs(by).items()}
    with acting() as (conn, actor, rights), conn.transaction(force_rollback=True) if dry_run else nullcontext(), conn.transaction():
        found = _template(conn, head, template)
        filled = _filled(found, (head, ""), (None, None, None), on, comment=comment)
        for notice in shared(conn, found, filled, total, key):
            _say(save_notice(conn, notice, actor, rights))


@app.command()
def local(
    template: TemplateCode, head: Head = "", branch: Branch = "", amount: Amounts = None, party: Contracts = None,
    account: Accounts = None, on: On = "", key: Key = "", number: Number = "", comment: Comment = "", dry_run: DryRun = False,
) -> None:  # fmt: skip
    """Post the entry of one unit from a template: of the head office or of the branch."""
    from contextlib import nullcontext

    from setoff.access import approvals
    from setoff.notices.filling import local_entry

    with acting() as (conn, actor, rights), conn.transaction(force_rollback=True) if dry_run else nullcontext():
        found, said = _template(conn, head or branch, template), (amount, party, account)
        document = local_entry(conn, found, _filled(found, (head, branch), said, on, key=key, number=number, comment=comment))
        done = approvals.post(conn, document, actor, rights)
        say("notices-local-posted", unit=document.unit, number=done.number)


@app.command()
def save(file: Annotated[Path, typer.Argument(help="The notice as JSON; - reads it from the input.", show_default=False)]) -> None:
    """Draft a notice, or say a drafted or rejected one anew, from JSON."""
    import sys

    from setoff.notices.services import save_notice
    from setoff.trade.notice_paper import Notice

    notice = _decoded(sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes(), Notice)
    with acting() as (conn, actor, rights):
        _say(save_notice(conn, notice, actor, rights))


@app.command()
def send(code: Code) -> None:
    """Send a draft to the other unit."""
    from setoff.notices.services import send_notice

    with acting() as (conn, actor, rights):
        _say(send_notice(conn, code, actor, rights))


@app.command()
def recall(code: Code) -> None:
    """Take a sent notice back, or the wish to undo a confirmed one."""
    from setoff.notices.services import recall_notice

    with acting() as (conn, actor, rights):
        _say(recall_notice(conn, code, actor, rights))


@app.command()
def confirm(code: Code, dry_run: DryRun = False) -> None:
    """Confirm a sent notice: both units book it."""
    from contextlib import nullcontext

    from setoff.notices.services import confirm_notice

    with acting() as (conn, actor, rights), conn.transaction(force_rollback=True) if dry_run else nullcontext():
        _say(confirm_notice(conn, code, actor, rights))


@app.command()
def reject(code: Code, because: Because) -> None:
    """Reject a sent notice; it goes back to the sender."""
    from setoff.notices.services import reject_notice

    with acting() as (conn, actor, rights):
        _say(reject_notice(conn, code, actor, rights, because=because))


@app.command()
def undo(code: Code, because: Because = "") -> None:
    """Ask to undo a confirmed notice, or agree to it for the other unit."""
    from setoff.notices.services import undo_notice

    with acting() as (conn, actor, rights):
        _say(undo_notice(conn, code, actor, rights, because=because))


@app.command()
def reverse(
    code: Code, because: Because, on: On = "", number: Number = "",
    unit: Annotated[str, typer.Option(help="Whose people draft it. Default: the sender's, else the receiver's.")] = "",
) -> None:  # fmt: skip
    """Draft what takes a confirmed notice back on a later day: its rows the other way round, in both units."""
    from setoff.notices.reversal import Reversal, reverse_notice
    from setoff.trade.fields import day_of

    said = Reversal(day_of(on, "date") if on else today(), because, unit, number)
    with acting() as (conn, actor, rights):
        _say(reverse_notice(conn, code, said, actor, rights))


@app.command()
def drop(code: Code) -> None:
    """Throw a drafted or rejected notice away."""
    from setoff.notices.services import drop_notice

    with acting() as (conn, actor, rights):
        say("notices-dropped", code=drop_notice(conn, code, actor, rights).code)


@app.command("close-year")
def close_year(
    organization: Annotated[str, typer.Argument(help="Code of the organization.", show_default=False)],
    year: Annotated[int, typer.Argument(help="The year.", show_default=False)],
    account: Annotated[str, typer.Option(help="Where what is open goes. Default: the chart's.")] = "",
    left: Annotated[list[str] | None, typer.Option("--leave", help="BRANCH=AMOUNT still to be paid, which stays; may be repeated.")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="Draft the notices; without it they are shown.")] = False,
) -> None:
    """Close what is left between units at the end of a year: a notice for every pair."""
    from setoff.notices.closing import Policy, draft_closing, propose_closing

    policy = Policy(account, _pairs(left or []))
    with acting() as (conn, actor, rights):
        if draft:
            _print(draft_closing(conn, organization, year, actor, rights, policy=policy), "table")
            return
        found = propose_closing(conn, organization, year, policy, rights)
    _say_closings(found)


@app.command()
def paper(
    code: Code, out: Annotated[Path, typer.Option("--out", help="The PDF to write.", dir_okay=False, show_default=False)],
    language: Annotated[Literal["", "en", "ru", "zh"], typer.Option(help="Default: that of the organization.")] = "",
) -> None:  # fmt: skip
    """Print a notice in two copies (form 0504805) as PDF."""
    from setoff.notices.paper import render_notice
    from setoff.notices.queries import known_notice

    with acting() as (conn, _actor, _rights):
        out.write_bytes(render_notice(conn, known_notice(conn, code), printed=today(), language=language or None))


@app.command()
def templates(
    unit: Annotated[str, typer.Argument(help="Code of a unit.", show_default=False)], output_format: Format = "table"
) -> None:
    """The templates of operations that a unit may use."""
    from setoff.language import default_language, screen, text
    from setoff.notices.telling import told_template

    with acting() as (conn, _actor, rights):
        rights.require("read", unit)
        told = [told_template(template, default_language()) for template in _templates(conn, unit).values()]
    if output_format == "json":
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    names = ("template", "name", "kind", "amounts", "parties")
    titles = [text(default_language(), f"notices-column-{name}") for name in names]
    shown = [[", ".join(row[name]) if isinstance(row[name], list) else str(row[name]) for name in names] for row in told]
    screen.print_rows(titles, shown)


@app.command("add-templates")
def add_templates(
    organization: Annotated[str, typer.Argument(help="Code of the organization.", show_default=False)],
    file: Annotated[Path, typer.Argument(help="Templates: TOML, as those of Setoff.", show_default=False)],
) -> None:
    """Add templates of an organization, or replace those of the same codes."""
    from setoff.notices.templates import said_templates, save_templates

    said = said_templates(file.read_text(encoding="utf-8"))
    with acting() as (conn, actor, rights):
        for code in save_templates(conn, organization, said, actor, rights):
            say("notices-template-saved", template=code)


@app.command("drop-template")
def drop_own(
    organization: Annotated[str, typer.Argument(help="Code of the organization.", show_default=False)], template: TemplateCode
) -> None:
    """Remove a template that the organization added."""
    from setoff.notices.templates import drop_template

    with acting() as (conn, actor, rights):
        drop_template(conn, organization, template, actor, rights)
    say("notices-template-dropped", template=template)


def _templates(conn: Connection[Any], unit: str) -> dict[str, Template]:
    """Errors: unknown_reference."""
    from setoff.core.errors import DomainError, ErrorCode
    from setoff.notices.queries import units_of
    from setoff.notices.templates import templates_of

    found = units_of(conn).get(unit)
    if found is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="unit", value=unit, field="unit")
    return templates_of(conn, found.organization_id, found.chart)


def _template(conn: Connection[Any], unit: str, code: str) -> Template:
    from setoff.notices.templates import template_of

    return template_of(_templates(conn, unit), code)


def _filled(
    template: Template, units: tuple[str, str], said: tuple[list[str] | None, list[str] | None, list[str] | None], on: str, *,
    key: str = "", number: str = "", comment: str = "",
) -> Filled:  # fmt: skip
    from setoff.notices.filling import Filled

    amounts, contracts, accounts = (said_of or [] for said_of in said)
    names = template.amounts()
    alone = len(names) == 1 and len(amounts) == 1 and "=" not in amounts[0]
    return Filled(
        on or today().isoformat(), {names[0]: amounts[0]} if alone else _pairs(amounts), *units, _pairs(contracts), _pairs(accounts),
        number=number, key=key, comment=comment,
    )  # fmt: skip


def _pairs(said: Sequence[str]) -> dict[str, str]:
    """Errors: invalid_value."""
    from setoff.core.errors import DomainError, ErrorCode

    for pair in said:
        if "=" not in pair:
            raise DomainError(ErrorCode.INVALID_VALUE, value=pair, expected="NAME=VALUE")
    return dict(pair.split("=", 1) for pair in said)


def _whole(said: str) -> int:
    from setoff.core.errors import DomainError, ErrorCode

    if not said.isdecimal() or len(said) > 9:
        raise DomainError(ErrorCode.INVALID_VALUE, value=said, field="by", expected="1, 2, 3")
    return int(said)


def _decoded(content: bytes, kind: Any) -> Any:
    """Errors: invalid_value."""
    import msgspec

    from setoff.core.errors import DomainError, ErrorCode

    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError) as problem:
        raise DomainError(ErrorCode.INVALID_VALUE, value=str(problem), field="file") from None


def _say(found: Kept) -> None:
    from setoff.core.money import Money
    from setoff.language import default_language, text

    language = default_language()
    say(
        "notices-told", number=found.number, date=found.date, sender=found.sender, receiver=found.receiver,
        nature=text(language, f"nature-{found.nature}"), amount=Money(found.amount, found.currency),
        state=text(language, f"notices-state-{found.status}"),
    )  # fmt: skip
    typer.echo(f"  {found.code}")
    if found.undo_by and found.status == "confirmed":
        say("notices-undo-asked", person=found.undo_by, reason=found.undo_reason)


def _print(found: Sequence[Kept], output_format: str) -> None:
    from setoff.notices.telling import told_notice

    if output_format == "json":
        typer.echo(json.dumps([told_notice(notice) for notice in found], ensure_ascii=False, indent=2))
        return
    if not found:
        say("notices-none")
    for notice in found:
        _say(notice)


def _say_closings(found: Sequence[Closing]) -> None:
    from setoff.core.money import Money

    if not found:
        say("closing-nothing")
    for closing in found:
        claims, obligations, left = (Money(amount, closing.currency) for amount in (closing.claims, closing.obligations, closing.left))
        say("closing-told", sender=closing.sender, receiver=closing.receiver, claims=claims, obligations=obligations, left=left)
        for row in closing.notice.sender_rows if closing.notice else ():
            typer.echo(f"  {row.debit} / {row.credit}  {row.amount}")
        if closing.sent:
            say("closing-sent", notice=closing.sent)
