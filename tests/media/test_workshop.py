"""A stranger's file is opened by a process of its own, which has no secrets and is ended in time."""

import os
import random
import subprocess

import pytest
from media.samples import picture, sound

from helpdesk.domain.errors import Unusable
from helpdesk.media import workshop
from helpdesk.media.made import Made, packed, unpacked


def test_the_child_returns_the_copies() -> None:
    made = workshop.make(picture(kind="PNG"), "image/png")
    assert (made.media_type, made.width, made.height) == ("image/png", 60, 40)
    assert made.content
    assert made.thumb


def test_a_child_that_takes_too_long_is_ended() -> None:
    with pytest.raises(Unusable, match="took_too_long"):
        workshop.make(sound(), "audio/ogg", seconds=0.001)


def test_the_child_knows_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, object] = {}

    def run(program: list[str], **options: object) -> subprocess.CompletedProcess[bytes]:
        seen.update(options)
        return subprocess.CompletedProcess(program, -9, stdout=b"")

    monkeypatch.setenv("HELPDESK_ENCRYPTION_KEYS", "rahasia-sekali-sekali")
    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(Unusable, match="crashed"):
        workshop.make(b"", "image/png")
    assert list(seen["env"]) == ["PYTHONPATH"]  # type: ignore[call-overload]


def test_files_that_are_cut_flipped_and_mixed_end_in_copies_or_in_a_reason() -> None:
    dice, ends = random.Random(4), set[str]()
    whole = {"image/jpeg": picture(), "image/png": picture(kind="PNG"), "audio/ogg": sound(seconds=1)}
    for turn in range(1000 if os.environ.get("HELPDESK_SOAK") else 16):
        own_type = dice.choice(sorted(whole))
        content = bytearray(whole[own_type])
        for _ in range(dice.randrange(4)):
            content[dice.randrange(len(content))] = dice.randrange(256)
        media_type = own_type if turn % 2 else dice.choice(sorted(whole))
        try:
            workshop.make(bytes(content[: dice.choice((None, len(content) // 2))]), media_type)
            ends.add("made")
        except Unusable as error:
            ends.add(error.code)
    assert {"broken", "made"} <= ends <= {"broken", "made", "no_sound", "codec", "too_many_pixels"}


@pytest.mark.parametrize("said", [b"", b"\0\0\0\1{", b"\0\0\0\2{}", packed(Made(thumb=b"x")) + b"more"])
def test_words_that_are_not_the_childs_are_refused(said: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        unpacked(said)


def test_what_is_packed_is_unpacked() -> None:
    made = Made("image/png", b"a", b"bc", None, 3, 4)
    assert unpacked(packed(made)) == made
    with pytest.raises(Unusable, match="broken"):
        unpacked(packed(Unusable("broken")))
