"""EPC URNs to GS1 Digital Links and back, for every scheme."""

from __future__ import annotations

import pytest
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_prefixes import GS1CompanyPrefix
from hypothesis import given
from hypothesis import strategies as st

from lodeline.errors import IdError
from lodeline.ids.epc import canonical, to_digital_link, to_urn
from lodeline.ids.schemes import BY_NAME, LOT, Scheme

PAIRS = [
    ("urn:epc:id:sgtin:4012345.011111.9876", "/01/04012345111118/21/9876"),
    ("urn:epc:id:sgtin:415056789012.0.987654", "/01/04150567890128/21/987654"),
    ("urn:epc:id:sgtin:0614141.812345.6789%2F%26%25%22!%3F()", "/01/80614141123458/21/6789%2F%26%25%22%21%3F%28%29"),
    ("urn:epc:id:sgtin:4012345.011111.a.b", "/01/04012345111118/21/a.b"),
    ("urn:epc:id:upui:1234567.098765.51qIgY)%3C%26Jp3*j7SDB", "/01/01234567987651/235/51qIgY%29%3C%26Jp3%2Aj7SDB"),
    ("urn:epc:id:itip:4012345.011111.01.02.987", "/8006/040123451111180102/21/987"),
    ("urn:epc:id:sscc:4012345.1112223334", "/00/140123451122233341"),
    ("urn:epc:id:sgln:4012345.00024.1", "/414/4012345000245/254/1"),
    ("urn:epc:id:sgln:4012345.00011.0", "/414/4012345000115"),
    ("urn:epc:id:pgln:4012345.00000", "/417/4012345000009"),
    ("urn:epc:id:pgln:999999999999.", "/417/9999999999994"),
    ("urn:epc:id:grai:4012345.00022.334455", "/8003/04012345000221334455"),
    ("urn:epc:id:gdti:4012345.00009.PO-4711", "/253/4012345000092PO-4711"),
    ("urn:epc:id:gdti:987659999999..9", "/253/98765999999929"),
    ("urn:epc:id:sgcn:4012345.99999.44", "/255/401234599999044"),
    ("urn:epc:id:gsrn:4012345.0000006765", "/8018/401234500000067657"),
    ("urn:epc:id:gsrnp:4012345.0000000007", "/8017/401234500000000074"),
    ("urn:epc:id:gsin:4012345.222333444", "/402/40123452223334442"),
    ("urn:epc:id:giai:4012345.ABC.345", "/8004/4012345ABC.345"),
    ("urn:epc:id:ginc:0614141.xyz47%2F11", "/401/0614141xyz47%2F11"),
    ("urn:epc:id:cpi:0614141.11111111111111-A%23%2F.1234", "/8010/061414111111111111111-A%23%2F/8011/1234"),
    ("urn:epc:class:lgtin:4012345.012345.Lot987", "/01/04012345123456/10/Lot987"),
    ("urn:epc:idpat:sgtin:4012345.044444.*", "/01/04012345444445"),
    ("urn:epc:idpat:grai:4012345.99999.*", "/8003/04012345999990"),
    ("urn:epc:idpat:gdti:4012345.11111.*", "/253/4012345111118"),
    ("urn:epc:idpat:sgcn:4012345.22222.*", "/255/4012345222227"),
    ("urn:epc:idpat:cpi:4012345.AB12.*", "/8010/4012345AB12"),
    ("urn:epc:idpat:itip:4012345.012345.01.02.*", "/8006/040123451234560102"),
]


def length_of(urn: str) -> int:
    return len(urn.split(":")[4].split(".")[0])


@pytest.mark.parametrize(("urn", "path"), PAIRS)
def test_both_spellings_of_one_identifier(urn, path):
    """The pairs are those of the Tag Data Standard's and the event hash's examples, and a few by hand."""
    link = f"https://id.gs1.org{path}"

    assert to_digital_link(urn) == link
    assert to_urn(link, company_prefix_length=length_of(urn)) == urn
    assert canonical(urn) == canonical(link) == link


def test_every_scheme_is_among_the_pairs():
    assert {urn.split(":")[3] for urn, _ in PAIRS} == {*BY_NAME, LOT.name}


def test_a_class_of_packages_under_tax_stamp_is_its_item_class():
    assert to_digital_link("urn:epc:idpat:upui:4012345.012345.*") == "https://id.gs1.org/01/04012345123456"


# --- round trips and the oracle

_ai82 = st.text("ABCxyz019-._!\"%&'()*+,:;<=>?/", min_size=1)
_ai39 = st.text("ABCXYZ019-#/", min_size=1)
_number = st.text("0123456789", min_size=1)


@st.composite
def identifiers(draw) -> tuple[str, str, str, str, int]:
    """A scheme with its parts in plain text: kind, name, reference digits …, serial."""
    scheme: Scheme = draw(st.sampled_from([*BY_NAME.values(), LOT]))
    prefix = draw(st.text("0123456789", min_size=6, max_size=12))
    if scheme.width is None:
        alphabet = _ai39 if scheme.name == "cpi" else _ai82
        reference = draw(alphabet.map(lambda text: text[: scheme.longest - len(prefix)]))
    else:
        size = scheme.width - len(prefix)
        reference = draw(st.text("0123456789", min_size=size, max_size=size))
    serial = ""
    if scheme.serial is not None:
        alphabet = _number if scheme.serial.longest == 12 else _ai82
        serial = draw(alphabet.map(lambda text: text[: scheme.serial.longest]))
    return scheme, prefix, reference, serial


def urn_of(scheme: Scheme, prefix: str, reference: str, serial: str) -> str:
    parts = [prefix, escaped(reference), *["01"] * scheme.pieces, *([escaped(serial)] if serial else [])]
    return f"urn:epc:{'class' if scheme is LOT else 'id'}:{scheme.name}:{'.'.join(parts)}"


def escaped(text: str) -> str:
    return "".join(f"%{ord(sign):02X}" if sign in '"%&/<>?#' else sign for sign in text)


@given(parts=identifiers())
def test_there_and_back_again(parts):
    urn = urn_of(*parts)
    link = to_digital_link(urn)

    assert canonical(link) == link
    if parts[0].name == "sgln" and parts[3] == "0":
        assert "/254/" not in link
    assert to_urn(link, company_prefix_length=len(parts[1])) == urn


@given(parts=identifiers())
def test_biip_reads_the_links_we_write(parts):
    scheme, _, _, serial = parts
    link = to_digital_link(urn_of(*parts))
    if scheme.name in ("gdti", "sgcn", "grai") or scheme.width is None:
        found = GS1DigitalLinkURI.parse(link)  # Keys with free text: that it parses is what biip can tell.
        assert found.element_strings[0].ai.ai == scheme.key
        return
    found = GS1DigitalLinkURI.parse(link)
    values = {element.ai.ai: element.value for element in found.element_strings}
    assert scheme.key in values
    if serial and scheme.serial.qualifier and serial != scheme.serial.absent:
        assert values[scheme.serial.qualifier] == serial


def test_biip_finds_the_company_prefix_that_we_were_told():
    """GS1 publishes the lengths; Germany's 4012345 has seven digits."""
    found = GS1CompanyPrefix.extract("4012345000009")

    assert to_urn("https://id.gs1.org/417/4012345000009", company_prefix_length=len(found.value)) == (
        "urn:epc:id:pgln:4012345.00000"
    )


# --- refusals

REFUSED = [
    ("ids.not_epc_urn", "https://id.gs1.org/01/04012345111118"),
    ("ids.not_epc_urn", "urn:epc:tag:sgtin-96:3.4012345.011111.1"),
    ("ids.not_epc_urn", "urn:epc:id:nothing:1.2"),
    ("ids.not_epc_urn", "urn:epc:class:sgtin:4012345.011111.1"),
    ("ids.not_epc_urn", "urn:epc:id:"),
    ("ids.no_digital_link", "urn:epc:id:bic:CSQU3054383"),
    ("ids.no_digital_link", "urn:epc:id:imovn:9176187"),
    ("ids.no_digital_link", "urn:epc:id:adi:W81X9C.3KL984PX1.2WMA52"),
    ("ids.no_digital_link", "urn:epc:id:gid:95100000.12345.400"),
    ("ids.company_prefix", "urn:epc:id:sgtin:40123.01111111.1"),
    ("ids.company_prefix", "urn:epc:id:sgtin:4012345678901..1"),
    ("ids.company_prefix", "urn:epc:id:sgtin:401234A.011111.1"),
    ("ids.company_prefix", "urn:epc:id:giai:40123.A"),
    ("ids.length", "urn:epc:id:sgtin:4012345.01111.1"),
    ("ids.length", "urn:epc:id:sgtin:4012345.0111111.1"),
    ("ids.length", "urn:epc:id:sgtin:4012345.011111"),
    ("ids.length", "urn:epc:id:sgtin:4012345.011111." + "1" * 21),
    ("ids.length", "urn:epc:id:sscc:4012345.1112223334.1"),
    ("ids.length", "urn:epc:id:giai:4012345." + "1" * 24),
    ("ids.length", "urn:epc:id:itip:4012345.011111.1.02.987"),
    ("ids.characters", "urn:epc:id:sgtin:4012345.01111A.1"),
    ("ids.characters", "urn:epc:id:sgtin:4012345.011111."),
    ("ids.characters", "urn:epc:id:sgtin:4012345.011111.%C3%A4"),
    ("ids.characters", "urn:epc:id:sgcn:4012345.99999.4A"),
    ("ids.characters", "urn:epc:id:giai:4012345."),
    ("ids.escape", "urn:epc:id:sgtin:4012345.011111.%2"),
    ("ids.escape", "urn:epc:id:sgtin:4012345.011111.a/b"),
    ("ids.escape", "urn:epc:id:sgtin:4012345.011111.ä"),
    ("ids.escape", "urn:epc:id:sgtin:4012345.011111.%FF"),
    ("ids.pattern", "urn:epc:idpat:sgtin:4012345.011111.1"),
    ("ids.pattern", "urn:epc:idpat:sgln:4012345.00011.*"),
]


@pytest.mark.parametrize(("code", "urn"), REFUSED)
def test_what_has_no_link_is_refused_and_the_hash_leaves_it_as_it_is(code, urn):
    with pytest.raises(IdError) as refusal:
        to_digital_link(urn)
    assert refusal.value.code == code
    if urn.startswith("urn:"):
        assert canonical(urn) == urn


@pytest.mark.parametrize(
    ("code", "link", "length"),
    [
        ("ids.company_prefix", "https://id.gs1.org/01/04012345111118", 5),
        ("ids.company_prefix", "https://id.gs1.org/01/04012345111118", 13),
        ("ids.company_prefix", "https://id.gs1.org/8004/4012345ABC", 8),
        ("ids.not_digital_link", "https://example.com/lots/17", 7),
        ("ids.not_digital_link", "urn:epc:id:sgtin:4012345.011111.1", 7),
        ("ids.check_digit", "https://id.gs1.org/01/04012345111117/21/1", 7),
        ("ids.check_digit", "https://id.gs1.org/00/140123451122233342", 7),
        ("ids.no_urn", "https://id.gs1.org/8006/040123451111180102/10/LOT", 7),
    ],
)
def test_links_that_have_no_urn_are_refused(code, link, length):
    with pytest.raises(IdError) as refusal:
        to_urn(link, company_prefix_length=length)
    assert refusal.value.code == code
