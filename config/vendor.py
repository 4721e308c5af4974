"""Copies browser libraries and fonts from node_modules to static_vendor/ at set-up."""

import re
import shutil
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
SOURCE, TARGET = BASE / "node_modules", BASE / "static_vendor"
FILES = {
    "echarts/dist/echarts.esm.min.mjs": "vendor/echarts/echarts.esm.min.js",
    "@noble/ed25519/index.js": "vendor/noble-ed25519/index.js",
    **{
        f"@noble/{package}/{name}.js": f"vendor/noble-{package}/{name}.js"
        for package, names in {
            "post-quantum": ("ml-dsa", "_crystals", "utils"),
            "hashes": ("sha3", "utils", "_u64"),
            "curves": ("utils", "abstract/fft"),
        }.items()
        for name in names
    },
    "idb/build/index.js": "vendor/idb/index.js",
    "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf": (
        "fonts/NotoSansSC-Regular.ttf"
    ),
    "@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf": "fonts/NotoSansSC-Bold.ttf",
}

#: Browsers know no package names: in these the imports of one another become addresses.
NAMED = "vendor/noble-"


def _by_address(text: str, target: str) -> str:
    up = "../" * (target.count("/") - 1)
    return re.sub(r"'@noble/([a-z-]+)/", rf"'{up}noble-\1/", text)


def main() -> None:
    """Copy what is newer; a missing file names the package that should have brought it."""
    for name, target in FILES.items():
        source, copy = SOURCE / name, TARGET / target
        if not source.exists():
            raise SystemExit(f"node_modules/{name} is missing: run `make setup` again.")
        copy.parent.mkdir(parents=True, exist_ok=True)
        if target.startswith(NAMED) and source.suffix == ".js":
            copy.write_text(_by_address(source.read_text(), target))
        elif not copy.exists() or copy.stat().st_size != source.stat().st_size:
            shutil.copyfile(source, copy)


if __name__ == "__main__":
    main()
