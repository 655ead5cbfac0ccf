"""The expressions behind privacy.redact(): for folded text, and looking only a bounded way ahead."""

import re

HIDDEN = "\ue000"
"""Stands where something was hidden: nothing is looked for across it."""
KEPT = "\ue001"
"""Stands where something must survive: an amount, a loan id, a virtual account, a date, a ticket number."""

_GAP = rf"[^\w{HIDDEN}{KEPT}]{{0,4}}"
_NOT_UNIT = r"(?![\s-]?(?:ribu|rb|juta|jt|rupiah|k|kali|x|orang|hari|digit|angka|persen|%)(?!\w))"
_OWNER = (
    "saya|sy|sya|saia|sa|aku|ak|ku|ane|gua|gue|gw|nya|kami|ibu|bu|bapak|suami|anak|anda|kamu|my|mine|"
    "your|our|the|his|her"
)
_LINK = "adalah|adl|yaitu|itu|ini|nih|ialah|is|was|are|of|yang|yg|dengan|dgn|jadi"
_NUMBERED = "nomor|nomer|nmr|no|number|num|kode|code"
_BANKS = (
    r"bca|bri|bni|bsi|btn|btpn|mandiri|cimb|niaga|jago|danamon|permata|maybank|ocbc|nisp|panin|mega|bukopin|"
    r"muamalat|syariah|jenius|sea ?bank|seabank|neo|allo|sinarmas|uob|dbs|hsbc|bjb|jatim|jateng|jabar|dki|"
    r"bank \w{2,15}|bank|brilink"
)


def _cued(cue: str, fillers: str, value: str, *, words: int = 6) -> re.Pattern[str]:
    """`cue`, at most `words` filler words, then the value: no other word may stand between."""
    return re.compile(
        rf"(?<![a-z])(?:{cue})(?:{_GAP}(?:{fillers})(?![a-z])){{0,{words}}}{_GAP}(?P<value>{value})"
    )


# What must survive.
_LOAN_WORDS = (
    r"pinjaman|pinjam|kontrak|akad|loan|trx|transaksi|transaction|ref|referensi|reference|resi|invoice|order|"
    r"tiket|ticket|pengaduan|laporan|aduan|complaint|registrasi"
)
KEEP = (
    re.compile(
        r"(?<![a-z])(?:va|v\.a|virtual(?: ?acc?ount)?|vacc|(?:bri|bni|bca|bsi|btn|mandiri|permata)va|"
        r"kode (?:bayar|pembayaran)|nomor pembayaran)"
        rf"(?:nya|ku)?(?:{_GAP}(?:{_BANKS}|{_OWNER}|{_LINK}|{_NUMBERED}|alfamart|indomaret)(?![a-z])){{0,5}}"
        r"[\s:=.#(-]{0,4}(?P<value>\d(?:[ \-]?\d){7,24})"
    ),
    re.compile(
        rf"(?<![a-z])(?:{_LOAN_WORDS})(?:nya|ku)?(?:{_GAP}(?:{_OWNER}|{_NUMBERED}|id|adalah|"
        rf"is)(?![a-z])){{0,4}}"
        r"[\s:=.#(-]{0,4}(?P<value>[a-z]{0,4}[\-/]?\d(?:[.\-/]?\d){6,24})"
    ),
    re.compile(r"(?<![\w])(?P<value>(?:pj|ln)[\- ]?\d{4,20})(?!\d)"),
    re.compile(r"(?<![a-z])(?:rp|idr)[.\s]{0,2}(?P<value>\d[\d.,]{0,20})"),
    re.compile(r"(?<![\w.,])(?P<value>[1-9]\d{0,2}(?:\.\d{3}){2,4}(?:,\d\d?|,-)?)(?![.\-]?\d)"),
    re.compile(r"(?<![\w.,])(?P<value>[1-9]\d{0,2}\.\d00(?:,\d\d?|,-)?)(?![.\-]?\d)"),
    re.compile(r"(?<![\w.,])(?P<value>\d{1,9}(?:[.,]\d{1,3})?)\s?(?:ribu|rb|juta|jt|rupiah)(?![a-z])"),
    re.compile(
        r"(?<![\w.\-/])(?P<value>(?:0?[1-9]|[12]\d|3[01])(?P<sep>[-/.])(?:0?[1-9]|1[0-2])(?P=sep)(?:19|"
        r"20)\d\d)"
        r"(?![\w\-/])"
    ),
    re.compile(r"(?<![\w.\-/])(?P<value>(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?![\d\-])"),
)
TICKET = re.compile(r"(?<![\w\-])(?P<value>\d{4,6}-\d{4})(?![\w\-])")

# PIN, OTP and password.
_WORD_DIGIT = (
    "nol|kosong|satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|one|two|three|four|five|six|seven"
)
_CODE = (
    r"(?:[a-z]{1,2}-)?\d{5,8}(?!\d)"
    r"|\d{4}(?:[ .\-]\d{4})?(?!\d)"
    r"|\d{1,3}(?:[ .,\-_]{1,2}\d{1,3}){1,7}(?!\d)"
    rf"|(?:{_WORD_DIGIT})(?:[\s,\-]{{1,2}}(?:{_WORD_DIGIT})){{3,7}}(?![a-z])"
    r"|(?=[a-z\d]{0,7}\d)(?=\d{0,7}[a-z])[a-z\d]{6,8}(?!\w)"
)
_CODE_FILLERS = (
    rf"{_OWNER}|{_LINK}|{_NUMBERED}|pin|otp|atm|app|aplikasi|hp|kartu|rekening|rek|akun|account|lama|"
    rf"baru|old|new|"
    r"rahasia|sms|wa|masuk|dapat|dpt|cuma|hanya|dia|mereka|amartha|card|verifikasi|di|ke|via|kasih|bilang|"
    rf"{_BANKS}|[468] ?(?:digit|angka)"
)
_SPELLED = r"[ .\-_]{1,3}"
"""Between the letters of a word that is written so that it is not found."""
_PIN_CUE = rf"(?:m?-?pin|p{_SPELLED}i{_SPELLED}n)(?:nya|ku|mu|ny|x)?(?![a-z])"
_OTP_CUE = (
    rf"(?:otp|o{_SPELLED}t{_SPELLED}p)(?:nya|ku|mu|ny)?(?![a-z])|kodenya(?![a-z])"
    r"|kode (?:6|4|enam|empat) (?:angka|digit)"
    r"|kode (?:verifikasi|rahasia|sms|aktivasi|keamanan|akses|masuk|konfirmasi|otentikasi|"
    r"otorisasi)(?:nya)?(?![a-z])"
    r"|(?:verification|security|one[- ]time|login|access|secret|confirmation) (?:code|pin|password|"
    r"passcode)(?![a-z])"
)
_SIX = r"(?:\d{6}|\d{3}[ \-]\d{3})(?![\w]|[.,]\d)"
OTP = _cued(_OTP_CUE, _CODE_FILLERS, rf"(?:{_CODE}){_NOT_UNIT}")
PIN = _cued(_PIN_CUE, _CODE_FILLERS, rf"(?:{_CODE}){_NOT_UNIT}")
BARE_CODE = _cued(r"(?:kode|code)(?![a-z])", rf"{_OWNER}|{_LINK}", _SIX, words=4)
CVV = _cued(r"(?:cvv|cvc|cvv2)(?:nya)?(?![a-z])", _CODE_FILLERS, r"\d{3,4}(?!\d)")
MORE_CODES = re.compile(
    rf"(?:[\s,/]{{0,2}}(?:atau|dan|or|and|terus|lalu|kadang|,|"
    rf"/)[\s]{{0,2}}){{1,2}}(?P<value>(?:{_CODE}){_NOT_UNIT})"
)
_FAR = rf"(?P<between>[^\d{HIDDEN}]{{1,60}})(?<![\w.,\-])(?P<value>{_SIX}){_NOT_UNIT}"
FAR_OTP = re.compile(rf"(?<![a-z])(?:{_OTP_CUE}){_FAR}")
FAR_PIN = re.compile(rf"(?<![a-z])(?:{_PIN_CUE}){_FAR}")
NOT_A_CODE_AFTER = re.compile(
    r"(?<![a-z])(?:rp|uang|duit|saldo|bayar|sebesar|sejumlah|senilai|angsuran|setor\w*|transfer\w*|tf|"
    r"dipotong|"
    r"tanggal|tgl|tahun|pinjam\w*|hutang|utang|hub\w*|telp\w*|telepon|hp|nomor|no|loan|amount|money|"
    r"call)(?![a-z])"
)
_TO_CUE = (
    rf"{_GAP}(?:(?:adalah|itu|ini|is|ialah|merupakan|tadi|as){_GAP}){{1,2}}(?:(?:{_NUMBERED}|{_OWNER}|"
    rf"sandi){_GAP}){{0,3}}"
)
OTP_BEHIND = re.compile(
    rf"(?<![\w.,/\-])(?:[a-z]{{1,2}}-)?(?P<value>\d{{4,8}}|\d{{3}}[ \-]\d{{3}})(?!\d){_TO_CUE}(?:{_OTP_CUE})"
)
PIN_BEHIND = re.compile(
    rf"(?<![\w.,/\-])(?:[a-z]{{1,2}}-)?(?P<value>\d{{4,8}}|\d{{3}}[ \-]\d{{3}})(?!\d){_TO_CUE}(?:{_PIN_CUE})"
)

_SANDI_CUE = (
    r"(?<![a-z])(?:(?:pass ?word|passw0rd|paswo?o?r?[dt]|passwd|pwd|passcode|passphrase|kata ?sandi|"
    r"kata ?kunci)"
    r"(?:nya|ku|mu|s)?(?![a-z])|sandi(?:nya|ku|mu)(?![a-z])|sandi (?:saya|sy|aku)(?![a-z])|(?:sandi|"
    r"pw)(?=\s?[:=])|pass(?![a-z]))"
)
_PASSWORD_FILLERS = (
    rf"(?:{_GAP}(?:{_OWNER}|{_NUMBERED}|lama|baru|old|new|akun|account|app|aplikasi|email|login|wifi|fb|"
    rf"facebook|ig|mobile|m-?banking|banking|atm|brimo|livin|amartha|{_BANKS})(?![a-z])){{0,5}}"
)
_TOKEN = rf"[^\s{HIDDEN}{KEPT}]"
PASSWORD_NAMED = re.compile(
    rf"{_SANDI_CUE}{_PASSWORD_FILLERS}\s?(?:[:=]|(?:adalah|ialah|yaitu|itu|is|was)(?=[\s:=])[\s:=]?)\s?"
    rf"(?P<value>{_TOKEN}{{1,64}})"
)
PASSWORD_NEXT = re.compile(
    rf"{_SANDI_CUE}{_PASSWORD_FILLERS}[\s\"'(,.\-]{{1,4}}"
    rf"(?={_TOKEN}{{0,63}}\d)(?P<value>{_TOKEN}{{4,64}}){_NOT_UNIT}"
)
NOT_A_PASSWORD = re.compile(
    r"lupa|tidak|tdk|ga|gak|nggak|ngga|salah|benar|saya|sy|minta|diminta|error|eror|hilang|rahasia|ditolak|gagal|"
    r"apa|siapa|dan|atau|yang|harus|bukan|milik|pribadi|untuk|penting|wrong|not|incorrect|invalid|expired|required"
)

# Identity, family-card and bank-card numbers.
_ID_FILLERS = (
    rf"{_OWNER}|{_LINK}|{_NUMBERED}|nik|ktp|kk|asli|baru|lama|induk|kependudukan|penduduk|mitra|istri|"
    rf"atas nama"
)
_LONG_NUMBER = r"\d(?:[ .\-]{0,2}\d){15}(?!\d)|\d{14,18}(?!\d)|\d(?:[ .\-]?\d){13,17}(?!\d)"
NIK = _cued(
    r"(?:nik|e-?ktp|ktp|no(?:mor)?\.? induk|identity number|id card)(?:nya|ku|mu)?", _ID_FILLERS, _LONG_NUMBER
)
KK = _cued(r"(?:kk|nkk|kartu keluarga|family card)(?:nya|ku|mu)?", _ID_FILLERS, _LONG_NUMBER)
CARD = _cued(
    r"(?:kartu (?:atm|debit|debet|kredit)|kartu|atm|debit|cc|credit card|card|visa|master ?card|"
    r"gpn)(?:nya|ku|mu)?",
    rf"{_OWNER}|{_LINK}|{_NUMBERED}|{_BANKS}|visa|mastercard|kredit|debit|credit",
    r"\d{4}(?:[ .\-]{0,2}\d{4}){3}(?:[ .\-]?\d{1,3})?(?!\d)|\d{13,19}(?!\d)",
)
ANY_NIK = re.compile(rf"(?<![\w{KEPT}])(?=(?P<value>\d(?:[ .\-]?\d){{15}})(?!\d))")
_REGENCY = r"(?:1[1-9]|21|3[1-6]|5[1-4]|6[1-5]|7[1-6]|8[12]|9[1-7])[0-7]\d"
NIK_SHAPE = re.compile(
    rf"{_REGENCY}\d\d"
    r"(?:[04][1-9]|[1256]\d|[37][01])(?:0[1-9]|1[0-2])\d\d(?!0000)\d{4}"
)
NIK_IN_FOURS = re.compile(rf"{_REGENCY}(?P<sep>[ .\-])\d{{4}}(?P=sep)\d{{4}}(?P=sep)\d{{4}}")
"""As it is read off the card, four by four: a mistyped date of birth makes it no less an identity number."""
ANY_CARD = re.compile(
    r"(?<![\w])(?<!\d[ .\-])(?=(?P<value>\d{13,19}|\d{4}(?P<sep>[ .\-])\d{4}(?P=sep)\d{4}(?P=sep)\d{1,7}|"
    r"\d{4}[ \-]\d{6}[ \-]\d{5})(?!\d))"
)
CARD_PREFIX = re.compile(r"4|5[0-8]|2[2-7]|3[0468]|35|6")

# Bank accounts.
_RUN = (
    r"\d{7,18}(?:[.\-]\d)?(?!\d)|\d{3,6}(?:(?: ?[.\-] ?| )\d{2,12}){1,4}(?:[.\-]\d)?(?!\d)|"
    r"\d(?:[ .\-]\d){6,17}(?!\d)"
)
_ACCOUNT_FILLERS = (
    rf"{_BANKS}|{_OWNER}|{_LINK}|{_NUMBERED}|rek|rekening|tujuan|pribadi|petugas|tabungan|a\.?n\.?|"
    rf"atas nama|di|ke|"
    r"dari|koperasi|indonesia|dia|baru|lama|account|pelaku|penipu|mereka|mitra"
)
_ACCOUNT_CUE = (
    r"(?:no(?:mor)?\.? ?)?(?:rek(?:ening)?|norek|acct?|a/c|bank account|account number|account no|"
    r"account)(?:nya|ku|mu)?"
)
ACCOUNT = _cued(_ACCOUNT_CUE, _ACCOUNT_FILLERS, rf"(?:{_RUN}){_NOT_UNIT}")
BANK_THEN_NUMBER = _cued(
    rf"(?:{_BANKS})",
    rf"{_OWNER}|{_LINK}|{_NUMBERED}|{_BANKS}|a\.?n\.?",
    r"\d{10,18}(?!\d)|\d{3,6}(?:[ \-]\d{3,6}){2,3}(?!\d)",
)
ACCOUNT_FAR = re.compile(
    rf"(?<![a-z])(?:{_ACCOUNT_CUE})(?![a-z])(?P<between>[^\d{HIDDEN}{KEPT}]{{1,45}})"
    r"(?<![\w.,\-+])(?P<value>\d{10,16})(?!\d)"
)
ACCOUNT_BEHIND = re.compile(
    rf"(?<![\w.,\-+])(?P<value>\d{{10,16}})[\s(,]{{1,3}}"
    rf"(?:(?:rek(?:ening)?|(?:{_BANKS})|a\.n|a/n|an|atas nama)(?![a-z])|(?:itu|adalah|is|ini) (?:no\.? ?|"
    rf"nomor )?rek)"
)
PHONE_SHAPE = re.compile(r"(?:62|0)8[1-35-9]\d{6,10}")
PHONE_WORDS = re.compile(
    r"(?<![a-z])(?:hp|hape|telp\w*|telepon|tlp|wa|whatsapp|hub\w*|call|phone|nomor saya|dana|ovo|gopay|"
    r"shopeepay|linkaja)(?![a-z])"
)
