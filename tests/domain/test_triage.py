"""What triage proposes for texts as Mitra write them; all sentences are invented."""

import re
import string
import time
from typing import cast

import pytest

from helpdesk.domain.packaged import load_yaml
from helpdesk.domain.phrases import compile_phrase
from helpdesk.domain.taxonomy import CATEGORIES
from helpdesk.domain.triage import best_guess, normalise, placed, suggest, words

STORIES = [
    ("PNG-KERAS", "Suami saya ditampar petugas waktu nagih kemarin"),
    ("PNG-KERAS", "pak petugas pegang2 paha saya pas kumpulan, saya dilecehkan"),
    ("PNG-ANCAM", "bp nya ngancem mau bawa preman klo sy gak setor"),
    ("PNG-ANCAM", "Saya diancam akan dilaporkan polisi kalau tidak bayar"),
    ("PNG-BARANG", "tv sy diambil paksa sm petugas krn telat 2 minggu"),
    ("PNG-BARANG", "petugas masuk rumah tanpa izin pas saya tidak ada"),
    ("PNG-MALU", "saya dipermalukan di depan tetangga gara2 utang"),
    ("PNG-MALU", "foto saya dipasang di grup wa majelis, isin aku"),
    ("PNG-KASAR", "BP suka bentak bentak dan ngomong kasar"),
    ("PNG-KASAR", "saya dimaki maki goblok sama penagih"),
    ("PNG-PIHAK3", "Petugas nagih ke mertua dan kakak saya padahal mereka tidak pinjam"),
    ("PNG-PIHAK3", "kontak darurat saya ditelepon terus buat nagih"),
    ("PNG-JAM", "petugas datang nagih jam 10 malam"),
    ("PNG-JAM", "petugas datang nagih pukul 9 malam"),
    ("PNG-JAM", "hari minggu masih datang nagih ke rumah"),
    ("PNG-TEMPAT", "saya ditagih di sekolah anak saya"),
    ("PNG-TERUS", "sehari ditelepon 10 kali, hp saya bunyi terus"),
    ("PNG-PJP", "ada orang tidak dikenal nagih tanpa surat tugas"),
    ("PNG-SURAT", "tidak pernah dapat surat peringatan langsung ditagih semua"),
    ("PNG-DISK", "bp pilih kasih, yang dekat dengan dia didahulukan"),
    ("PNG-LAYAN", "sudah 2 minggu BP tidak datang ke kumpulan"),
    ("PNG-LAYAN", "petugas jutek dan tidak ramah"),
    ("TRG-PAKSA", "kami dipaksa tanggung renteng buat anggota yang kabur"),
    ("TRG-PAKSA", "tidak boleh pulang dari kumpulan sampai semua lunas"),
    ("TRG-CATAT", "uang talangan kami belum dikembalikan dan tidak dicatat"),
    ("TRG-TEKAN", "saya dimusuhi anggota kelompok lain"),
    ("TRG-KETUA", "ketua majelis minta uang ke anggota dan pegang buku kami"),
    ("TRG-ADM", "saya mau pindah majelis karena pindah desa"),
    ("BYR-TUNAI", "sy sdh setor ke bp tp blm masuk catatan"),
    ("BYR-TUNAI", "Sudah bayar tunai ke petugas tapi tidak tercatat"),
    ("BYR-TUNAI", "setoran minggu lalu lewat BP belum dicatat di kartu"),
    ("BYR-POST", "saya sudah transfer lewat alfamart tapi angsuran belum masuk"),
    ("BYR-POST", "kulo sampun mbayar lewat bri nanging durung mlebu"),
    ("BYR-DOBEL", "angsuran saya kepotong dua kali minggu ini"),
    ("BYR-SALDO", "sisa pinjaman saya kok salah, harusnya tinggal 5 kali"),
    ("BYR-KODE", "kode bayar saya tidak bisa dipakai di indomaret"),
    ("BYR-LUNAS", "saya mau pelunasan dipercepat tapi ditolak"),
    ("BYR-LUNAS", "sudah minta surat lunas sampai sekarang tidak dikasih"),
    ("BYR-SLIK", "nama saya jelek di SLIK padahal tidak pernah menunggak"),
    ("FRD-GELAP", "uang angsuran dibawa kabur petugas"),
    ("FRD-NAMA", "nama saya dipakai orang buat pinjam, saya tidak pernah pinjam"),
    ("FRD-NAMA", "KTP saya dipakai pinjam nama sama tetangga"),
    ("FRD-PUNGLI", "petugas minta uang rokok supaya cepat cair"),
    ("FRD-PUNGLI", "bp pinjam uang ke saya 300rb belum dikembalikan"),
    ("FRD-TTD", "tanda tangan saya dipalsukan di akad"),
    ("FRD-TTD", "petugas minta kode OTP saya"),
    ("FRD-LUAR", "ada yang telepon mengaku dari amartha minta transfer dulu, saya ditipu"),
    ("DAT-BOCOR", "data saya disebar ke orang lain"),
    ("DAT-SALAH", "ktp saya disalahgunakan"),
    ("DAT-IZIN", "aplikasi minta akses kontak tanpa persetujuan saya"),
    ("DAT-HAK", "tolong hapus data saya"),
    ("DAT-HAK", "nomor hp saya ganti, mohon diubah datanya"),
    ("BEB-KAPAS", "utang saya banyak dimana mana, tidak sanggup bayar lagi"),
    ("BEB-RESTR", "saya minta keringanan angsuran tapi tidak ditanggapi"),
    ("BEB-MUSIB", "rumah kami kebanjiran, dagangan habis"),
    ("BEB-MUSIB", "suami saya meninggal minggu lalu"),
    ("BEB-PAKSA", "dipaksa top up padahal saya tidak mau pinjam lagi"),
    ("TRP-INFO", "penjelasan petugas tidak sesuai dengan yang di akad"),
    ("TRP-BUNGA", "bagi hasilnya terlalu tinggi, bunganya gila2an"),
    ("TRP-DENDA", "telat sehari kena denda 50rb"),
    ("TRP-POTONG", "pencairan dipotong 200 ribu tidak penuh"),
    ("TRP-DOK", "saya tidak dikasih salinan akad"),
    ("PRD-TOLAK", "pengajuan saya ditolak tanpa alasan"),
    ("PRD-LAMBAT", "pinjaman sudah disetujui tapi belum cair sebulan"),
    ("PRD-SESUAI", "tenor terlalu pendek tidak cocok dengan panen"),
    ("PRD-KLAIM", "klaim asuransi ibu saya belum dibayar"),
    ("DIG-GAGAL", "beli token listrik gagal tapi saldo terpotong"),
    ("DIG-AKSES", "tidak bisa login, otp tidak masuk"),
    ("DIG-SALDO", "celengan saya tidak bisa ditarik"),
    ("DIG-AGEN", "agen amarthalink narik biaya lebih"),
    ("DIG-ERROR", "aplikasi eror terus tidak bisa dibuka"),
    ("PGD-ABAI", "laporan saya diabaikan, sudah lapor 3 kali belum ada tanggapan"),
    ("PGD-BALAS", "gara2 saya lapor, pinjaman saya dipersulit"),
    ("PGD-HASIL", "saya tidak setuju dengan jawaban pengaduan"),
    ("PDN", "saya pendana, imbal hasil saya belum turun"),
]


@pytest.mark.parametrize(
    ("code", "text"), STORIES, ids=[f"{n}-{code}" for n, (code, _) in enumerate(STORIES)]
)
def test_a_story_is_placed(code: str, text: str) -> None:
    assert [found for found, _, _ in suggest(text)[:1]] == [code]


ACTS = [
    ("PNG-KERAS", "saya hamil 7 bulan, petugas dorong saya"),
    ("PNG-KERAS", "saya hamil, didorong petugas"),
    ("PNG-KERAS", "ptgs dorong suami sy"),
    ("PNG-KERAS", "pak andi dorong ibu saya"),
    ("PNG-KERAS", "bp dorong2 anak saya"),
    ("PNG-KERAS", "saya di dorong sama petugas"),
    ("PNG-KERAS", "suami saya meninggal kemarin, petugas tampar saya"),
    ("PNG-KERAS", "petugas pukul suami saya yang lagi sakit stroke di rumah sakit"),
    ("PNG-KERAS", "petugas tendang anak saya"),
    ("PNG-KERAS", "petugas raba saya"),
    ("PNG-KERAS", "petugas seret ibu saya"),
    ("PNG-KERAS", "kolektor hajar adik saya"),
    ("PNG-ANCAM", "ibu saya sakit stroke, bp ancam ibu saya"),
    ("PNG-BARANG", "rumah kami banjir, petugas rampas hp saya"),
    ("PNG-BARANG", "petugas sita motor saya"),
    ("PNG-BARANG", "petugas dobrak pintu"),
    ("PNG-KASAR", "suami sakit, petugas maki saya"),
    ("PNG-KASAR", "saya hamil, ptgs bentak saya"),
    ("PNG-KASAR", "petugas paksa saya bayar"),
]


@pytest.mark.parametrize(("code", "text"), ACTS, ids=[text for _, text in ACTS])
def test_a_bare_stem_tells_an_act_and_no_circumstance_hides_it(code: str, text: str) -> None:
    assert best_guess(text) == code
    assert placed(text, 1) == code


@pytest.mark.parametrize(
    "text",
    [
        "saya dorong gerobak",
        "saya dorong gerobak dibantu petugas",
        "petugas bantu dorong gerobak saya",
        "petugas dorong motor saya yang mogok",
        "petugas dorong saya untuk menabung",
        "bp dorong saya ambil pinjaman lagi",
        "anak saya didorong ikut lomba",
        "kumpulan pukul sembilan pagi",
        "datang pukul 9 pagi",
        "terpaksa saya pinjam",
        "petugas menyita waktu saya",
        "petugas tidak dorong saya",
        "suami saya meninggal kemarin",
    ],
)
def test_the_same_stem_without_an_act_of_staff_is_no_violence(text: str) -> None:
    assert not {"PNG-KERAS", "PNG-ANCAM", "PNG-BARANG"} & {code for code, _, _ in suggest(text)}


@pytest.mark.parametrize("source", ["!untuk dorong", "dorong .. !untuk", "!untuk", "dorong !@nobody"])
def test_a_phrase_that_bars_at_the_wrong_place_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(source))):
        compile_phrase(source, {})


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("👍🙏", id="emoji"),
        pytest.param("Assalamualaikum, selamat pagi", id="greeting"),
        pytest.param("halo kak", id="short greeting"),
        pytest.param("terima kasih banyak ya bu", id="thanks"),
        pytest.param("petugasnya ramah dan baik, pencairan cepat, mantap", id="praise"),
        pytest.param("bunganya rendah, sangat membantu usaha saya", id="praise of the price"),
        pytest.param("proses cepat ga ribet", id="praise by denial"),
        pytest.param("saya tidak pernah diancam", id="denied"),
        pytest.param("ok siap", id="agreement"),
        pytest.param("12345678", id="digits"),
    ],
)
def test_without_a_sign_of_a_complaint_it_abstains(text: str) -> None:
    assert suggest(text) == []


def test_every_category_has_phrases_and_the_lexicon_is_large() -> None:
    categories = cast(dict[str, dict[str, list[str]]], load_yaml("lexicon.yaml")["categories"])
    assert set(categories) == set(CATEGORIES)
    assert all(any(bands.values()) for bands in categories.values())
    assert sum(len(phrases) for bands in categories.values() for phrases in bands.values()) >= 400


def test_suggestions_are_sorted_scored_and_give_the_words_of_the_text() -> None:
    found = suggest("Saya dibentak petugas, padahal sudah setor ke bp tapi belum tercatat")
    scores = [score for _, score, _ in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    assert len({code for code, _, _ in found}) == len(found)
    assert any("dibentak" in reason for _, _, reasons in found for reason in reasons)


def test_praise_with_a_complaint_behind_it_is_still_a_complaint() -> None:
    assert suggest("dulu bagus, tapi sekarang petugasnya suka bentak")[0][0] == "PNG-KASAR"


def test_bukan_hanya_denies_nothing() -> None:
    assert "PNG-KASAR" in [code for code, _, _ in suggest("bukan hanya dibentak di kumpulan")]


@pytest.mark.parametrize(
    ("written", "standard"),
    [
        ("Sy blm bayar", "saya belum bayar"),
        ("gak BISA", "tidak bisa"),
        ("gabisa", "tidak bisa"),
        ("udh trs gmn", "sudah terus bagaimana"),
        ("marah2", "marah marah"),
        ("gila2an", "gila gilaan"),
        ("gila²", "gila gila"),
        ("tolooooong", "tolong"),
        ("b4y4r", "bayar"),
        ("marah-marah", "marah marah"),
        ("3bulan", "3 bulan"),
        ("50rb", "50 ribu"),
        ("ora / henteu / mboten", "tidak tidak tidak"),
        ("bayar\u200bnya", "bayarnya"),
        ("pukul 9 malam", "jam 9 malam"),
        ("pukul 9 petugas datang", "jam 9 petugas datang"),
        ("pukul sembilan", "jam sembilan"),
        ("biaya pukul rata", "biaya rata"),
        ("petugas pukul 3 kali", "petugas pukul 3 kali"),
        ("petugas pukul 2 anak saya", "petugas pukul 2 anak saya"),
        ("dipukul 2 petugas", "dipukul 2 petugas"),
        ("ｂａｙａｒ", "bayar"),
    ],
)
def test_spelling_becomes_standard(written: str, standard: str) -> None:
    assert normalise(written) == standard
    assert words(written) == standard.split()


@pytest.mark.parametrize(
    "text",
    [
        "sudah bayar belum masuk " * 420,
        "a" * 10_000,
        "a1" * 5_000,
        "bayar " * 1_700,
        "tidak " * 1_700,
        " ".join(f"{x}{y}{z}ingkatkannya" for x in string.ascii_lowercase for y in "aiu" for z in "bdg")[
            :10_000
        ],
    ],
    ids=["story", "one word", "leet", "bayar", "tidak", "new words"],
)
def test_ten_thousand_signs_take_no_longer_than_linear(text: str) -> None:
    suggest("warm")
    started = time.perf_counter()
    suggest(text)
    assert time.perf_counter() - started < 1.5
