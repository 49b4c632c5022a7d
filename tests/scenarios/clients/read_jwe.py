"""Reads items of a `file` keyring with jwcrypto, a JWE reader that is not ours.

Arguments: the passphrase, and the items' files.
Standard output: one JSON array of {"header", "envelope"}.
"""
import json
import sys

from jwcrypto import jwe, jwk
from jwcrypto.common import base64url_decode, base64url_encode

passphrase, *paths = sys.argv[1:]
key = jwk.JWK(kty="oct", k=base64url_encode(passphrase.encode()))
items = []
for path in paths:
    with open(path, encoding="ascii") as file:
        text = file.read()
    item = jwe.JWE(algs=["PBES2-HS256+A128KW", "A256GCM"])
    item.deserialize(text, key)
    header = json.loads(base64url_decode(text.split(".")[0]))
    items.append({"header": header, "envelope": json.loads(item.payload)})
json.dump(items, sys.stdout)
