"""Prints the payload that the reference library of SD-JWT reads from a token.

It confirms acceptance and a bad signature, nothing else: this library drops an
altered disclosure in silence, so it is never the only check.

    check.py TOKENFILE JWKFILE
"""

import json
import sys

from jwcrypto.jwk import JWK
from sd_jwt.verifier import SDJWTVerifier

token = open(sys.argv[1], encoding="ascii").read().strip()
key = JWK.from_json(open(sys.argv[2], encoding="utf-8").read())
verified = SDJWTVerifier(token, lambda issuer, header: key).get_verified_payload()
print(json.dumps(verified, ensure_ascii=False, sort_keys=True))
