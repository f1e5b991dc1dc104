import re
from hashlib import sha256

from chatsvc.security.refresh_tokens import hash_refresh_token, new_refresh_token


def test_a_token_is_256_bits_in_43_characters_and_never_the_same() -> None:
    tokens = {new_refresh_token() for _ in range(1_000)}
    assert len(tokens) == 1_000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)


def test_the_hash_is_plain_sha256_in_hex() -> None:
    # Fixed: another hash would log everybody out.
    assert hash_refresh_token("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert hash_refresh_token("é") == sha256("é".encode()).hexdigest()


def test_any_text_has_a_hash_of_its_own() -> None:
    texts = ["", "\ud800", "\udfff", "?", "\ufffd", "\0", "x" * 1_000_000]
    hashes = {hash_refresh_token(text) for text in texts}
    assert len(hashes) == len(texts)
    assert all(len(hashed) == 64 for hashed in hashes)
