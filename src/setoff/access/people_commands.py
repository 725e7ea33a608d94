"""`setoff user` and `setoff token`: people, their roles, their passwords, their programs."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Final

import typer

from setoff.access.commands import OutputFormat, acting, print_rows, say

PASSWORD: Final = "SETOFF_PASSWORD"  # noqa: S105 - the name of a variable
ZONE: Final = "Time zone in which he is told instants, as Asia/Vladivostok; empty: that of the settings."
user = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="People: add, list, grant and revoke roles, disable, set passwords.")
token = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Tokens of the API: create, list, revoke.")
Login = Annotated[str, typer.Argument(help="Name at sign-in.", show_default=False)]
Code = Annotated[str, typer.Argument(help="Code of the unit.", show_default=False)]


@user.command("add")
def add(
    login: Login,
    name: Annotated[str, typer.Option(help="Name for people.")] = "",
    email: Annotated[str, typer.Option(help="Address for mails: password reset, notices.")] = "",
    language: Annotated[str, typer.Option(help="en, ru or zh.")] = "en",
    time_zone: Annotated[str, typer.Option(help=ZONE)] = "",
    administrator: Annotated[bool, typer.Option("--administrator", help="Of the installation: people, policies, units.")] = False,
    no_password: Annotated[bool, typer.Option("--no-password", help="He sets one himself by the link of a password reset.")] = False,
) -> None:
    """Add a user. The password is asked for, or taken from SETOFF_PASSWORD."""
    from setoff.access.services import NewUser, add_user
    from setoff.site import database

    password = "" if no_password else _password()
    with acting() as (conn, actor, rights):
        rights.require_administrator()
        database.setup_django()
        add_user(conn, NewUser(login, name, email, language, administrator, time_zone), actor, password=password)
    say("people-done")


@user.command("change")
def change(
    login: Login,
    name: Annotated[str, typer.Option(help="Name for people.")],
    email: Annotated[str, typer.Option(help="Address for mails.")] = "",
    administrator: Annotated[bool, typer.Option("--administrator/--no-administrator", help="Of the installation.")] = False,
    active: Annotated[bool, typer.Option("--active/--disabled", help="Whether he may sign in.")] = True,
    language: Annotated[str, typer.Option(help="en, ru or zh. Default: as it is.")] = "",
    time_zone: Annotated[str | None, typer.Option(help=f"{ZONE} Default: as it is.", show_default=False)] = None,
) -> None:
    """Change what is known of a user."""
    from setoff.access.services import change_user

    with acting() as (conn, actor, rights):
        rights.require_administrator()
        change_user(
            conn, login, actor, name=name, email=email, is_administrator=administrator, is_active=active, language=language,
            time_zone=time_zone,
        )  # fmt: skip
    say("people-done")


@user.command("list")
def list_users(output_format: OutputFormat = "table") -> None:
    """Users with their roles."""
    from setoff.access.queries import users

    with acting() as (conn, _actor, _rights):
        found = users(conn)
    rows = [
        (row.login, row.name, row.email, ", ".join(row.roles), row.time_zone, row.is_administrator, row.is_active, row.last_login)
        for row in found
    ]
    print_rows(("login", "name", "email", "roles", "time_zone", "administrator", "active", "last_login"), rows, output_format)


@user.command("grant")
def grant(
    login: Login, unit: Code, role: Annotated[str, typer.Argument(help="viewer, operator, accountant, controller, administrator.")]
) -> None:
    """Give a user a role in a unit, in place of another he had there."""
    from setoff.access.services import grant_role

    with acting() as (conn, actor, rights):
        rights.require_administrator()
        grant_role(conn, login, unit, role, actor)
    say("people-done")


@user.command("revoke")
def revoke(login: Login, unit: Code) -> None:
    """Take a user's role in a unit away."""
    from setoff.access.services import revoke_role

    with acting() as (conn, actor, rights):
        rights.require_administrator()
        revoke_role(conn, login, unit, actor)
    say("people-done")


@user.command("disable")
def disable(login: Login) -> None:
    """The user cannot sign in any more; what he did keeps his name."""
    from setoff.access.services import disable_user

    with acting() as (conn, actor, rights):
        rights.require_administrator()
        disable_user(conn, login, actor)
    say("people-done")


@user.command("password")
def password(login: Login) -> None:
    """Set a user's password: asked for, or taken from SETOFF_PASSWORD."""
    from setoff.access.services import set_password
    from setoff.site import database

    typed = _password()
    with acting() as (conn, actor, rights):
        rights.require_administrator()
        database.setup_django()
        set_password(conn, login, typed, actor)
    say("people-done")


@token.command("create")
def create(
    login: Login,
    name: Annotated[str, typer.Argument(help="What it is for.", show_default=False)],
    scope: Annotated[list[str], typer.Option(help="read, draft, post, import, administer; may be repeated.")],
    days: Annotated[int, typer.Option(help="Until it ends.")] = 90,
) -> None:
    """Create a token of a user and print it, this once."""
    from setoff.access.queries import rights_of
    from setoff.access.services import user_of
    from setoff.access.tokens import create_token

    with acting() as (conn, actor, rights):
        if login != rights.login:
            rights.require_administrator()
        made = create_token(conn, rights_of(conn, user_of(conn, login)), name, scope, actor, days=days)
    say("token-made", date=made.expires_at.date())
    typer.echo(made.token)


@token.command("list")
def list_tokens(output_format: OutputFormat = "table") -> None:
    """Tokens with their scopes and when they were used last; the tokens themselves are kept nowhere."""
    from setoff.access.tokens import tokens

    with acting() as (conn, _actor, rights):
        found = tokens(conn, None if rights.is_administrator else rights.user_id)
    rows = [(row.id, row.login, row.name, row.hint, ", ".join(row.scopes), row.expires_at, row.last_used_at, row.is_valid) for row in found]
    print_rows(("token", "login", "name", "hint", "scopes", "expires", "last_used", "active"), rows, output_format)


@token.command("revoke")
def revoke_one(number: Annotated[int, typer.Argument(help="Number of the token.", show_default=False)]) -> None:
    """The token is worth nothing any more."""
    from setoff.access.tokens import revoke_token

    with acting() as (conn, actor, rights):
        revoke_token(conn, rights, number, actor)
    say("people-done")


def _password() -> str:
    """From SETOFF_PASSWORD, or typed twice; a line of standard input when nobody types."""
    given = os.environ.get(PASSWORD)
    if given:
        return given
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    from setoff.language import default_language, text

    typed: str = typer.prompt(text(default_language(), "people-password"), hide_input=True, confirmation_prompt=True)
    return typed
