import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatsvc.security.names import fold_for_search, fold_username, prefix_range, valid_username

# Characters at the edges of the range, so that strings which share a prefix are common.
edges = st.sampled_from("ab\ud7ff\ue000\U0010fffe\U0010ffff")
texts = st.text(st.one_of(edges, st.characters(exclude_categories=["Cs"])), max_size=6)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Alice", "alice"),
        ("ＡＬＩＣＥ", "alice"),  # full width
        ("ﬁn", "fin"),  # ligature
        ("K-9", "k-9"),  # Kelvin sign
        ("Straße", "strasse"),
        ("㎒-1", "mhz-1"),  # NFKC has to come before folding
        ("ǰ", "ǰ"),  # and after: folding alone takes this apart
    ],
)
def test_a_username_is_folded(typed: str, folded: str) -> None:
    assert fold_username(typed) == folded


@pytest.mark.parametrize("name", ["abc", "a" * 32, "a_b.c-d", "007", "..."])
def test_a_username_of_the_alphabet_is_valid(name: str) -> None:
    assert valid_username(name)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ab",
        "a" * 33,
        "al ice",
        "alice\n",
        "аlice",  # Cyrillic
        "alıce",  # dotless i
        "İstanbul",
        "ali\u200bce",  # zero width space
        "ali\u202ece",  # right-to-left override
        "ali\ud800ce",
        "ali\0ce",
        "١٢٣",  # digits, but not ours
        "ab@c",
    ],
)
def test_a_username_that_only_looks_like_one_is_not_valid(typed: str) -> None:
    assert not valid_username(fold_username(typed))


@given(st.text(st.characters(exclude_categories=[])))
@example("\ud800")
def test_any_text_folds_and_a_valid_name_folds_to_itself(text: str) -> None:
    folded = fold_username(text)
    assert fold_for_search(text) == folded
    if valid_username(folded):
        assert folded.isascii()
        assert fold_username(folded) == folded


@given(st.text("aBc0_.-ＡK", min_size=3, max_size=32))
def test_names_that_differ_in_case_or_width_are_one(text: str) -> None:
    assert valid_username(fold_username(text))
    assert fold_username(text.upper()) == fold_username(text.lower()) == fold_username(text)


@given(prefix=texts, text=texts)
@example(prefix="a\U0010ffff", text="a\U0010ffffz")
@example(prefix="a\U0010ffff", text="b")
@example(prefix="a\ud7ff", text="a\ue000")
@example(prefix="", text="")
def test_the_range_holds_exactly_what_starts_with_the_prefix(prefix: str, text: str) -> None:
    for candidate in (text, prefix + text):
        lower, upper = prefix_range(prefix)
        assert (lower <= candidate and (upper is None or candidate < upper)) == candidate.startswith(prefix)


@given(prefix=texts, text=texts)
def test_the_range_is_the_same_for_a_database_that_compares_utf8_bytes(prefix: str, text: str) -> None:
    lower, upper = prefix_range(prefix)
    held = lower.encode() <= text.encode() and (upper is None or text.encode() < upper.encode())
    assert held == text.startswith(prefix)


@pytest.mark.parametrize(
    ("prefix", "upper"),
    [
        ("ab", "ac"),
        ("", None),
        ("\U0010ffff\U0010ffff", None),
        ("a\U0010ffff\U0010ffff", "b"),
        ("a\ud7ff", "a\ue000"),
    ],
)
def test_the_upper_bound_of_a_range(prefix: str, upper: str | None) -> None:
    assert prefix_range(prefix) == (prefix, upper)
