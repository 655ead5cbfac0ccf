"""What tests do on the pages of the policy editor."""

from visits import Visit

DRAFT = "/admin/policies/draft"
S3 = f"{DRAFT}/policies/complaint-s3-tertulis"

FIELDS: dict[str, object] = {
    "name_id": "Pengaduan S3 tertulis",
    "name_en": "S3 complaint, written",
    "kinds": ["complaint"],
    "severities": ["S3"],
    "forms": ["tertulis"],
    "acknowledgement-amount": "1",
    "first_response-amount": "2",
    "next_response-amount": "3",
    "next_response-pausable": "1",
    "next_response-cap": "10",
    "resolution-amount": "8",
    "resolution-pausable": "1",
    "resolution-cap": "10",
    "regulatory-amount": "10",
    "regulatory-unit": "d",
    "regulatory-calendar": "regulatory",
} | {
    f"{metric}-{name}": value
    for metric in ("acknowledgement", "first_response", "next_response", "resolution")
    for name, value in (("unit", "wd"), ("calendar", "service"), ("cap-unit", "wd"))
}
SEVEN_DAYS = FIELDS | {"resolution-amount": "7"}


def changed(author: Visit, **fields: object) -> None:
    """Save the S3 policy in the draft as told."""
    author.get(S3)
    author.send(S3, **(SEVEN_DAYS | fields), seen=author.hidden("seen"), do="save")
    assert "Disimpan dalam rancangan." in author.text
