"""Files of documents over the API."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.asking import Api, sale

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89" + b"\0\0\0\0IEND\xaeB`\x82"
BYTES = "application/octet-stream"


def test_a_file_is_attached_read_and_removed(accountant: Api, sign_in: Callable[[str], Api]) -> None:
    key = accountant.post("documents", sale("1")).json()["key"]
    attached = accountant.post(f"attachments/{key}?name=paper.png", PNG, content_type=BYTES)
    assert (attached.status_code, attached.json()["media_type"]) == (201, "image/png"), attached.content
    number = attached.json()["id"]
    assert [row["name"] for row in accountant.get(f"attachments/{key}").json()] == ["paper.png"]
    read = accountant.get(f"attachments/{key}/files/{number}")
    assert (read.content, read["Content-Type"]) == (PNG, BYTES)
    assert "paper.png" in read["Content-Disposition"]
    assert sign_in("stranger").get(f"attachments/{key}/files/{number}").status_code == 404
    assert sign_in("viewer").send("DELETE", f"attachments/{key}/files/{number}").status_code == 403
    assert accountant.send("DELETE", f"attachments/{key}/files/{number}").status_code == 204
    assert accountant.get(f"attachments/{key}/files/{number}").status_code == 404


def test_a_page_is_no_attachment(accountant: Api) -> None:
    key = accountant.post("documents", sale("1")).json()["key"]
    refused = accountant.post(f"attachments/{key}?name=page.html", b"<html><script>1</script></html>", content_type=BYTES)
    assert refused.status_code == 422, refused.content
    assert accountant.get(f"attachments/{key}").json() == []
