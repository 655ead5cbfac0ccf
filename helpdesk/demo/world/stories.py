"""How Mitra and agents write: stories from templates, spelled as in a chat, in plain or local words."""

import re

from helpdesk.demo.world.chance import Chance
from helpdesk.demo.world.data import names, stories, talk
from helpdesk.demo.world.mitra import Mitra
from helpdesk.models.people import User

DAYS = ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu")
_WORD = re.compile(r"[a-zA-Z]+")
_SPELLED = {"formal": 0.0, "chat": 0.45, "heavy": 0.95, "local": 0.35}
_LOCAL = 0.6


def story(chance: Chance, mitra: Mitra, code: str, *, about: User | None = None) -> str:
    """Return a complaint of this category as this Mitra writes it; `about` is the officer whom it names."""
    side = "west" if mitra.point.is_west else "east"
    kind = side if mitra.style == "local" else "plain"
    core = chance.one(stories()["categories"][code]["core"])
    text = (
        chance.one(stories()["openings"][kind])
        + core
        + chance.one(stories()["asides"])
        + chance.one(stories()["endings"][kind])
    )
    return spoken(chance, mitra, fill(chance, mitra, text, about=about))


def fill(chance: Chance, mitra: Mitra, text: str, *, about: User | None = None) -> str:
    """Put amounts, days and names into a template."""
    if "{" not in text:
        return text
    officers = ("BP saya", "petugas", "BP")
    if about is not None:
        officers = (f"BP {about.name.split()[0]}", f"petugas {about.name.split()[0]}", "BP saya")
    amount = chance.randint(6, 60) * 5_000
    large = chance.randint(2, 16) * 500_000
    return text.format(
        jumlah=_rupiah(chance, amount),
        besar=_rupiah(chance, large),
        hari=chance.one(DAYS),
        lama=f"{chance.randint(2, 6)} {chance.one(('hari', 'hari', 'minggu'))}",
        lewat=chance.one(stories()["ways"]),
        bp=chance.one(officers),
        ketua=chance.one(names()["leaders"]),
        majelis=mitra.contact.majelis,
        jam=chance.randint(9, 11),
        kali=chance.randint(2, 6),
        barang=chance.one(stories()["things"]),
    )


def spoken(chance: Chance, mitra: Mitra, text: str) -> str:
    """Return the text with the spelling of this Mitra."""
    share = _SPELLED[mitra.style]
    if not share:
        return text
    local = _local_words(mitra, chance) if mitra.style == "local" else {}
    spellings = stories()["spellings"]

    def written(match: re.Match[str]) -> str:
        word = match.group()
        key = word.lower()
        if key in local and chance.happens(_LOCAL):
            return chance.one(local[key])
        if key in spellings and chance.happens(share):
            return chance.one(spellings[key])
        return word

    text = _WORD.sub(written, text)
    if mitra.style == "heavy":
        text = text.lower().rstrip(".").replace(". ", chance.one((" ", ", ", ".. ")))
    return text


def greeting(chance: Chance) -> str:
    """Return a message that says nothing yet."""
    return chance.one(talk()["greetings"])


def question(chance: Chance) -> str:
    """Return what somebody asks who has no complaint."""
    return chance.one(talk()["questions"])


def agent_says(chance: Chance, mitra: Mitra, kind: str, category: str | None, *, agent: User) -> str:
    """Return a reply: `first`, `ask` or `update`."""
    group = (category or "LNY").split("-")[0]
    matter = talk()["matters"][group]
    options = {
        "first": talk()["first_replies"],
        "ask": talk()["asks"].get(group, talk()["asks"]["*"]),
        "update": talk()["updates"],
    }[kind]
    return chance.one(options).format(
        sapa=mitra.calls_her,
        agen=agent.name.split()[0],
        hal=matter,
        hal_besar=matter[0].upper() + matter[1:],
    )


def answer(chance: Chance, mitra: Mitra, disposition: str, category: str | None) -> str:
    """Return the decision in words."""
    group = (category or "LNY").split("-")[0]
    is_refused = disposition == "not_upheld"
    results = talk()["refusals"] if is_refused else talk()["outcomes"].get(group, talk()["outcomes"]["*"])
    return chance.one(talk()["answers"][disposition]).format(sapa=mitra.calls_her, hasil=chance.one(results))


def _local_words(mitra: Mitra, chance: Chance) -> dict[str, list[str]]:
    if not mitra.point.is_west:
        return stories()["local_words"]["east"]
    return stories()["local_words"]["java" if chance.happens(0.3) else "west"]


def _rupiah(chance: Chance, amount: int) -> str:
    thousands = amount // 1000
    if amount >= 1_000_000 and amount % 1_000_000 == 0:
        return chance.one((f"{amount // 1_000_000} juta", f"{amount // 1_000_000}jt"))
    dotted = f"{amount:,}".replace(",", ".")
    return chance.one((f"Rp{dotted}", f"{dotted}", f"{thousands}rb", f"{thousands} ribu", f"{thousands}.000"))
