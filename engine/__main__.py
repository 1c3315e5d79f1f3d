"""`python -m engine`: serve one data folder in the background."""

import sys

from engine.protocol.offline import go_offline

go_offline()
# sqlite-utils imports pandas where another package brought it: 70 MB that nothing here uses.
sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]

import argparse  # noqa: E402
from pathlib import Path  # noqa: E402

from engine.protocol.engine_file import data_folder  # noqa: E402
from engine.server.serve import serve  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m engine", description=__doc__)
    parser.add_argument("--home", type=Path, default=data_folder(), help="data folder")
    parser.add_argument("--idle-minutes", type=float, default=10.0, help="stop when unused")
    args = parser.parse_args()
    return serve(args.home.absolute(), idle_s=60 * args.idle_minutes)


if __name__ == "__main__":
    sys.exit(main())
