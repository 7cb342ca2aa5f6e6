"""authentication { auth_type PASS auth_pass X }: the password of VRRPv2, as far as keepalived sends it."""

from vrrpd.config.checks.code import Code
from vrrpd.config.keepalived.block import read_block, take_text
from vrrpd.config.keepalived.draft import Section
from vrrpd.config.keepalived.tree import Statement
from vrrpd.config.keepalived.words_instance import AUTHENTICATION
from vrrpd.config.problems import shown
from vrrpd.config.tables import PASSWORD_OCTETS

KEYWORD = "authentication"
AH = "AH"
ALLOWED = "allowed: PASS, or none, on all routers"
REFUSED = (
    "auth_type AH cannot be done: it is the header of IPsec with HMAC-MD5 (RFC 2338), which RFC 3768 took out of VRRP, "
    f"and vrrpd has none; {ALLOWED}"
)
READERS = {"auth_type": take_text("type"), "auth_pass": take_text("password")}


def read(section: Section, statement: Statement) -> None:
    """One block; the last one counts."""
    inner = Section(section.draft, section.path, (*section.word, KEYWORD), ())
    read_block(inner, statement.block or [], AUTHENTICATION, READERS)
    places = section.draft.places
    places.pop((*section.path, "type"), None)
    if (place := places.pop((*section.path, "password"), None)) is not None:
        places[(*section.path, KEYWORD, "password")] = place  # which may be in an included file
    _password(section, statement, inner.values.get("type"), inner.values.get("password"))


def finish(section: Section, statement: Statement) -> None:
    """Refuse what is not VRRPv2's, where the version has authentication at all."""
    if section.values[KEYWORD]["type"] == AH:
        section.drop(KEYWORD)
        section.error(statement, REFUSED, code=Code.KEYWORD_REFUSED)


def _password(section: Section, statement: Statement, kind: str | None, password: str | None) -> None:
    if kind is None:
        section.warn(statement, "without auth_type there is none, as in keepalived")
        return
    if kind == AH:
        section.put(KEYWORD, {"type": AH}, section.place(statement))  # as long as nobody knows the version
    elif kind != "PASS":
        section.error(statement, f"auth_type {shown(kind)} is none; {ALLOWED}")
    elif password is None:
        text = "auth_type without auth_pass in a line of its own: keepalived uses none, and peers refuse it"
        section.error(statement, text)
    else:
        cut = password.encode(errors="surrogateescape")[:PASSWORD_OCTETS].decode(errors="ignore")
        if cut != password:
            text = f"auth_pass is cut to {PASSWORD_OCTETS} characters, as in keepalived"
            section.warn(statement, text, code=Code.PASSWORD_TOO_LONG)
        section.put(KEYWORD, {"type": "PASS", "password": cut}, section.place(statement))
