"""Personal fields cannot be read from what is stored, and only with the right key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamplighter.kernel import sealing

KEYS = st.binary(min_size=32, max_size=32)
TEXTS = st.text(max_size=200).filter(lambda text: text.isprintable())


@given(text=TEXTS, key=KEYS)
def test_what_is_sealed_comes_back_and_looks_different_each_time(text, key):
    first, second = sealing.seal(text, key), sealing.seal(text, key)

    assert first != second
    assert sealing.unseal(first, key) == text
    if len(text.encode()) > 3:
        assert text.encode() not in first


@given(key=KEYS, other=KEYS, at=st.integers(0, 32))
def test_another_key_or_one_changed_bit_breaks_the_seal(key, other, at):
    sealed = bytearray(sealing.seal("19900001234", key))
    if other != key:
        with pytest.raises(sealing.SealBroken):
            sealing.unseal(bytes(sealed), other)
    sealed[at] ^= 1

    with pytest.raises(sealing.SealBroken):
        sealing.unseal(bytes(sealed), key)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x02" + bytes(40)])
def test_rubbish_is_no_seal(sealed):
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(sealed, bytes(32))


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33)])
def test_a_key_has_32_bytes(key):
    with pytest.raises(sealing.FieldKeyWrong):
        sealing.seal("x", key)
    with pytest.raises(sealing.FieldKeyWrong):
        sealing.blind_index("x", key, "phone")


@given(text=TEXTS, key=KEYS)
def test_an_index_is_the_same_for_the_same_text_key_and_purpose_only(text, key):
    index = sealing.blind_index(text, key, "phone")

    assert index == sealing.blind_index(text, key, "phone")
    assert index != sealing.blind_index(text, key, "id number")
    assert index != sealing.blind_index(text + "x", key, "phone")


@given(number=st.from_regex(r"1[3-9]\d{9}", fullmatch=True))
def test_a_masked_number_hides_its_middle(number):
    assert number[3:7] not in sealing.masked_phone(number)[3:7]
