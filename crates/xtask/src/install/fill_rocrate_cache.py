"""Fills the offline cache of rocrate-validator with the RO-Crate 1.2 context.

    fill_rocrate_cache.py CACHE CONTEXTFILE
"""

import io
import sys

import requests
import requests_cache

ADDRESS = "https://w3id.org/ro/crate/1.2/context"
cache, context = sys.argv[1], open(sys.argv[2], "rb").read()


class Local(requests.adapters.HTTPAdapter):
    """Answers every request with the context; nothing leaves the machine."""

    def send(self, request, **_):
        from urllib3 import HTTPResponse

        body = HTTPResponse(
            body=io.BytesIO(context),
            headers={"Content-Type": "application/ld+json"},
            status=200,
            preload_content=False,
        )
        return self.build_response(request, body)


session = requests_cache.CachedSession(cache, backend="sqlite", expire_after=-1)
session.mount("https://", Local())
answer = session.get(ADDRESS, headers={"Accept": "application/ld+json, application/json"})
assert answer.content == context
assert session.get(ADDRESS, headers={"Accept": "application/ld+json, application/json"}).from_cache
