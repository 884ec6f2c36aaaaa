"""Digital Links of any domain in their canonical form, and addresses that are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.ids.epc import canonical


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("https://example.com/8004/401234599999", "/8004/401234599999"),
        ("https://example.com:8443/some/shop/01/09780345418913/21/765tz", "/01/09780345418913/21/765tz"),
        ("http://id.gs1.org/01/09780345418913", "/01/09780345418913"),
        ("HTTPS://ID.GS1.ORG/01/09780345418913", "/01/09780345418913"),
        ("https://example.org/01/09780345418913/21/765tz?11=221109&abc=1#there", "/01/09780345418913/21/765tz"),
        ("https://example.org/01/09780345418913/", "/01/09780345418913"),
        # Shorter item numbers are filled to fourteen digits.
        ("https://example.org/01/9780345418913", "/01/09780345418913"),
        ("https://example.org/01/001122334455", "/01/00001122334455"),
        ("https://example.org/01/97803111", "/01/00000097803111"),
        # The words of release 1.1.
        ("https://example.com/gtin/09780345418913/ser/765tz", "/01/09780345418913/21/765tz"),
        ("https://example.com/party/4226350800008", "/417/4226350800008"),
        ("https://example.com/gln/4012345000245/glnx/1", "/414/4012345000245/254/1"),
        # Only the most granular identification.
        ("https://example.com/01/09780345418913/22/344/10/1223/21/765tz", "/01/09780345418913/21/765tz"),
        ("https://example.com/01/09780345418913/22/344/10/1223", "/01/09780345418913/10/1223"),
        ("https://example.com/01/09780345418913/22/344", "/01/09780345418913"),
        ("https://example.com/8006/040123451234560102/22/AB/21/443322", "/8006/040123451234560102/21/443322"),
        ("https://example.com/8006/040123451234560102/22/AB/10/XYZ", "/8006/040123451234560102/10/XYZ"),
        # Escapes in one way.
        ("https://example.com/01/09780345418913/21/a!b%2fc", "/01/09780345418913/21/a%21b%2Fc"),
        ("https://example.com/01/09780345418913/21/%41", "/01/09780345418913/21/A"),
        # Extension zero means none, as in the URN.
        ("https://example.com/414/4012345000245/254/0", "/414/4012345000245"),
        # A wrong check digit is no reason to keep another domain: nothing is judged here.
        ("https://id.example.com/8003/030013450007718765", "/8003/030013450007718765"),
    ],
)
def test_canonical_form(link, path):
    assert canonical(link) == f"https://id.gs1.org{path}"
    assert canonical(canonical(link)) == canonical(link)


@pytest.mark.parametrize(
    "address",
    [
        "http://transaction.acme.com/po/12345678",
        "https://example.com/123/4012345ABC987/456/4711",
        "https://id.gs1.org/99/9780345418913",
        "https://id.gs1.org/01/9780345418913/99/x",
        "https://id.gs1.org/01/97803",
        "https://id.gs1.org/01/0978034541891A",
        "https://id.gs1.org/01/09780345418913/21/",
        "https://id.gs1.org/01/09780345418913/21/" + "1" * 21,
        "https://id.gs1.org/01/09780345418913/21/1/21/2",
        "https://id.gs1.org/01/09780345418913/254/1",
        "https://id.gs1.org/01/09780345418913/21/%zz",
        "https://id.gs1.org/01/09780345418913/21/%C3%A4",
        "https://id.gs1.org/8003/952012200000001004",
        "https://id.gs1.org/8006/04012345123456/22/ABCD/10/XYZ",
        "https://id.gs1.org/00/1401234511222333411",
        "https://example.com/401/unauthorized",
        "https://example.com/8004/" + "4" * 31,
        "https://example.com/page?next=/01/09780345418913",
        "https://example.com/#/01/09780345418913",
        "https:///01/09780345418913",
        "ftp://example.com/01/09780345418913",
        "urn:epc:tag:sgtin-96:3.4012345.011111.1",
        "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
        "geo:47.506694,11.104301",
        "",
        "01/09780345418913",
    ],
)
def test_what_is_no_digital_link_is_left_as_it_is(address):
    assert canonical(address) == address


@given(text=st.text(max_size=60) | st.text("/01289:.%*urnepcidhtps", max_size=60))
def test_any_text_at_all_has_a_canonical_form_that_is_its_own(text):
    once = canonical(text)

    assert canonical(once) == once


def test_hostile_length_is_no_burden():
    """A megabyte of what looks like a link is read once, and not kept."""
    endless = "https://example.com" + "/01/21/21/01" * 90_000 + "/!?"

    assert canonical(endless) == endless
