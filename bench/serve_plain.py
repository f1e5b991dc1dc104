"""Serves the floor, or with a database's URL the baseline, by uvicorn with uvloop and httptools.

`python -m bench.serve_plain PORT [URL]`, with the key in CHATSVC_JWT_KEYS.
"""

import os
import sys

import uvicorn

from bench.baseline import create_baseline
from bench.floor import create_floor


def main(port: str, database_url: str = "") -> None:
    keys = os.environ["CHATSVC_JWT_KEYS"]
    app = create_baseline(keys, database_url) if database_url else create_floor(keys)
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(port),
        loop="uvloop",
        http="httptools",
        access_log=False,
        server_header=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
