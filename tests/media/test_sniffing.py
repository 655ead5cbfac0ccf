"""What a file is, its bytes say: never its name, nor who sent it."""

import pytest
from media.samples import film, picture

from helpdesk.domain.errors import InvalidInput
from helpdesk.services.attachments import sniff

TAKEN = {
    "photo": (picture(), "image/jpeg"),
    "photo of two lenses": (picture(kind="MPO"), "image/jpeg"),
    "screenshot": (picture(kind="PNG"), "image/png"),
    "sticker": (picture(kind="WEBP"), "image/webp"),
    "film": (film(), "video/mp4"),
    "photo of an iPhone": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200), "image/heic"),
    "letter": (b"%PDF-1.4\n%\xe2\xe3\n", "application/pdf"),
    "card": (b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\nEND:VCARD\r\n", "text/vcard"),
}
REFUSED = {
    "page": b"<!doctype html><script>alert(1)</script>",
    "page after blanks": b"\n\n <html><body onload=alert(1)>",
    "page in two bytes a sign": "<html><script>alert(1)</script>".encode("utf-16"),
    "drawing that runs": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "drawing as XML": b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
    "script": b"alert(document.cookie)",
    "text": b"halo, ini bukti saya",
    "program": b"MZ" + bytes(200),
    "program of Linux": b"\x7fELF" + bytes(100),
    "archive": b"PK\3\4" + bytes(100),
    "archive of one": b"\x1f\x8b\x08" + bytes(50),
    "photo of a kind that nobody can show": b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + bytes(200),
    "play list": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "zeros": bytes(500),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_may_be_kept_is_known(name: str) -> None:
    content, media_type = TAKEN[name]
    assert sniff(content) == media_type


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_browser_could_run_or_nobody_can_open_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        sniff(REFUSED[name])
    assert caught.value.code == "file_type"
