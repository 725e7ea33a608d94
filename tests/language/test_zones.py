"""Instants are told by the clock of whoever is told, and say which that is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from setoff.core.errors import DomainError
from setoff.language import fact_text
from setoff.language.zones import default_zone, is_zone, places, today, told_in, zone, zone_name
from setoff.reports.ask import parse_instant
from setoff.site.environment import read

NIGHT = datetime(2026, 3, 1, 21, 5, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "english", "russian", "chinese"),
    [
        ("", "1 Mar 2026 21:05:07 UTC", "01.03.2026 21:05:07 UTC", "2026-03-01 21:05:07 UTC"),
        ("Asia/Vladivostok", "2 Mar 2026 07:05:07 UTC+10", "02.03.2026 07:05:07 UTC+10", "2026-03-02 07:05:07 UTC+10"),
        ("Asia/Kolkata", "2 Mar 2026 02:35:07 UTC+5:30", "02.03.2026 02:35:07 UTC+5:30", "2026-03-02 02:35:07 UTC+5:30"),
        ("America/St_Johns", "1 Mar 2026 17:35:07 UTC-3:30", "01.03.2026 17:35:07 UTC-3:30", "2026-03-01 17:35:07 UTC-3:30"),
    ],
)
def test_an_instant_by_the_clock_of_the_reader(name: str, english: str, russian: str, chinese: str) -> None:
    with told_in(name):
        assert [fact_text(language, "at", NIGHT) for language in ("en", "ru", "zh")] == [english, russian, chinese]


def test_the_settings_say_where_whoever_chose_nothing_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETOFF_TIME_ZONE", "Europe/Moscow")
    assert (default_zone(), zone_name()) == ("Europe/Moscow", "Europe/Moscow")
    with told_in("Asia/Shanghai"):
        assert zone_name() == "Asia/Shanghai"
    monkeypatch.setenv("SETOFF_TIME_ZONE", "Europe/Nowhere")
    assert zone().key == "UTC"
    with pytest.raises(DomainError, match=r"^setting_invalid"):
        read((("SETOFF_TIME_ZONE", "Europe/Nowhere"),))


def test_what_a_reader_types_is_of_his_clock() -> None:
    with told_in("Europe/Moscow"):
        assert parse_instant("2026-03-01T12:00").astimezone(UTC).isoformat() == "2026-03-01T09:00:00+00:00"
        assert parse_instant("2026-03-01").astimezone(UTC).isoformat() == "2026-03-01T20:59:59.999999+00:00"
        assert parse_instant("2026-03-01T12:00Z").astimezone(UTC).isoformat() == "2026-03-01T12:00:00+00:00"
        before = datetime.now(zone()).date()
        assert before <= today() <= datetime.now(zone()).date()


def test_zones_to_choose_from() -> None:
    found = places()
    assert found[0] == "UTC" and {"Europe/Moscow", "Asia/Shanghai", "America/New_York"} <= set(found)
    assert not [name for name in found if name.startswith(("Etc/", "posix")) or ("/" not in name and name != "UTC")]
    assert not is_zone("Europe") and not is_zone("../etc/passwd") and not is_zone("")
